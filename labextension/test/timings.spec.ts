import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import { afterEach, expect, it, vi } from 'vitest';

import { isLong } from '../src/confirm';
import { Graph } from '../src/graph';
import type { IReason, IStatus, State } from '../src/protocol';
import { CellStatuses } from '../src/statuses';
import { Timings } from '../src/timings';

/** A notebook with one cell, as far as its timings look at it. */
class Notebook {
  source = 'fit()';
  metadata: Record<string, string> | undefined;

  readonly cell = {
    id: 'a',
    getMetadata: () => this.metadata,
    sharedModel: { getSource: () => this.source }
  } as unknown as ICellModel;
  readonly model = {
    cells: Object.assign([this.cell], { changed: new Signal(this) })
  } as unknown as INotebookModel;
  readonly statuses = new CellStatuses(this.model, new Graph());
  readonly timings = new Timings(this.model, this.statuses);

  turns(state: State, ...kinds: IReason['kind'][]): void {
    const reasons = kinds.map(kind => ({ kind, name: null, cell: null }));
    this.statuses.update({ a: { state, reasons } as unknown as IStatus });
  }

  /** Run the cell for some seconds. */
  runs(seconds: number, state: State = 'fresh', ...kinds: IReason['kind'][]): void {
    this.turns('running');
    vi.advanceTimersByTime(1000 * seconds);
    this.turns(state, ...kinds);
  }

  get known(): number {
    return this.timings.of(this.cell);
  }
}

const NOTED = {
  'iopub.execute_input': '2024-05-01T10:00:00.000000Z',
  'shell.execute_reply': '2024-05-01T10:00:40.000000Z'
};

function open(metadata?: Record<string, string>): Notebook {
  vi.useFakeTimers({ toFake: ['performance'] });
  const notebook = new Notebook();
  notebook.metadata = metadata;
  return notebook;
}

afterEach(() => {
  vi.useRealTimers();
});

it('knows how long a cell took the last time', () => {
  const notebook = open();
  expect(notebook.known).toBe(0);
  notebook.runs(40);
  notebook.runs(50);
  expect(notebook.known).toBe(50_000);
  expect(notebook.timings.total).toBe(50_000);
});

it('measures from when a cell was first told to be running', () => {
  const notebook = open();
  notebook.turns('running');
  vi.advanceTimersByTime(40_000);
  notebook.runs(2);
  expect(notebook.known).toBe(42_000);
});

it('does not know how long another source takes', () => {
  const notebook = open();
  notebook.runs(40);
  notebook.source = 'fit(more)';
  expect(notebook.known).toBe(0);
  notebook.source = 'fit()';
  expect(notebook.known).toBe(40_000);
});

it.each<[State, IReason['kind']]>([
  ['failed', 'edited'],
  ['stale', 'interrupted'],
  ['stale', 'edited']
])('passes over a run that ends %s, %s', (state, kind) => {
  const notebook = open();
  notebook.runs(40, state, kind);
  expect(notebook.known).toBe(0);
});

it('forgets what has become fast', () => {
  const notebook = open();
  notebook.runs(40);
  notebook.runs(0.01);
  expect(notebook.timings.total).toBe(0);
});

it('takes what the metadata tell, until the cell has run', () => {
  const notebook = open(NOTED);
  expect(notebook.known).toBe(40_000);
  notebook.runs(5);
  expect(notebook.known).toBe(5_000);
});

it('takes what it has seen rather than the metadata', () => {
  const notebook = open(NOTED);
  notebook.runs(5);
  expect(notebook.timings.total).toBe(5_000);
});

it('passes over metadata of a run that did not end', () => {
  expect(open({ 'iopub.execute_input': NOTED['iopub.execute_input'] }).timings.total).toBe(0);
});

it.each([
  [
    false,
    [
      ['asked', 10],
      ['needed', 20]
    ] as const
  ],
  [
    true,
    [
      ['asked', 10],
      ['affected', 21]
    ] as const
  ],
  [false, [['replay', 10]] as const],
  [
    true,
    [
      ['replay', 5],
      ['asked', 1],
      ['replay', 6]
    ] as const
  ]
])('says whether a run is long: %s', (wanted, steps) => {
  expect(
    isLong(
      steps.map(([why, milliseconds]) => ({ why, milliseconds })),
      30
    )
  ).toBe(wanted);
});
