import { nullTranslator } from '@jupyterlab/translation';
import { expect, it } from 'vitest';

import type { IReason, State } from '../src/protocol';
import { causes, describe as describeStatus } from '../src/reasons';

const trans = nullTranslator.load('reactive_kernel');

const cellLabel = (id: string) => (id === 'a' ? '[1]' : null);

function said(state: State, ...reasons: Partial<IReason>[]): string {
  const status = {
    state,
    reasons: reasons.map(reason => ({ name: null, cell: null, ...reason }) as IReason),
    execution_count: 1,
    msg_id: null
  };
  const why = causes(status, null, trans, cellLabel);
  return describeStatus(state, why, trans);
}

it.each([
  ['Fresh', said('fresh')],
  ['Stale: it was edited since it ran', said('stale', { kind: 'edited' })],
  [
    'Stale: `x` changed in cell [1]',
    said('stale', { kind: 'input_changed', name: 'x', cell: 'a' })
  ],
  ['Stale: `x` changed', said('stale', { kind: 'input_changed', name: 'x', cell: 'gone' })],
  ['Stale: no cell above sets `x` any more', said('stale', { kind: 'input_missing', name: 'x' })],
  [
    'Stale: `x` now comes from cell [1]; it was edited since it ran',
    said('stale', { kind: 'replaced_writer', name: 'x', cell: 'a' }, { kind: 'edited' })
  ],
  [
    'Blocked: `x` comes from cell [1], which failed',
    said('blocked', { kind: 'upstream_failed', name: 'x', cell: 'a' })
  ]
])('says %j', (wanted, text) => {
  expect(text).toBe(wanted);
});

it('says a cause once', () => {
  const cause: Partial<IReason> = { kind: 'edited' };
  expect(said('stale', cause, cause)).toBe('Stale: it was edited since it ran');
});

it('names the cell below that defines what is read', () => {
  const status = { state: 'new', reasons: [], execution_count: null, msg_id: null } as const;
  const below = { names: ['x', 'y'], cells: ['a'] };
  expect(causes({ ...status, reasons: [] }, below, trans, cellLabel)).toEqual([
    { text: '`x`, `y` is defined only below, in cell [1]', cell: 'a' }
  ]);
  expect(causes({ ...status, reasons: [] }, { ...below, cells: ['b'] }, trans, cellLabel)).toEqual(
    []
  );
});
