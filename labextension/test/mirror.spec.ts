import { NotebookModel } from '@jupyterlab/notebook';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { difference, Mirror } from '../src/mirror';
import type { CellType, Op } from '../src/protocol';
import { cell } from './cells';

let model: NotebookModel;
let mirror: Mirror;
let emitted: Op[][];
let edited: string | null;

beforeEach(() => {
  vi.useFakeTimers();
  model = new NotebookModel();
  model.sharedModel.insertCells(
    0,
    ['a', 'b', 'c'].map(id => ({ id, cell_type: 'code', source: id, metadata: {} }))
  );
  model.sharedModel.clearUndoHistory();
  edited = null;
  mirror = new Mirror(model, () => edited);
  mirror.hold();
  mirror.release(null);
  emitted = [];
  mirror.changed.connect((_, ops) => emitted.push(ops));
});

afterEach(() => {
  mirror.dispose();
  model.dispose();
  vi.useRealTimers();
});

/** What was emitted once everything is at rest. */
function ops(): Op[] {
  vi.advanceTimersByTime(1000);
  return emitted.splice(0).flat();
}

const shared = () => model.sharedModel;

/** As `NotebookActions.changeCellType` does it. */
function changeType(index: number, cell_type: CellType): void {
  shared().transact(() => {
    const raw = shared().getCell(index).toJSON();
    shared().deleteCell(index);
    shared().insertCell(index, { ...raw, cell_type, metadata: {} });
  });
}

describe('Mirror, of what the user does', () => {
  it('inserting a cell', () => {
    shared().insertCell(1, { id: 'n', cell_type: 'code', source: 'new', metadata: {} });
    expect(ops()).toEqual([{ op: 'create_cell', cell: cell('n', 'new'), index: 1 }]);
  });

  it('deleting a cell, undo and redo', () => {
    shared().deleteCell(1);
    expect(ops()).toEqual([{ op: 'delete_cell', cell_id: 'b' }]);
    shared().undo();
    expect(ops()).toEqual([{ op: 'create_cell', cell: cell('b', 'b'), index: 1 }]);
    shared().redo();
    expect(ops()).toEqual([{ op: 'delete_cell', cell_id: 'b' }]);
  });

  it('moving a cell down and up', () => {
    shared().moveCell(0, 2);
    expect(ops()).toEqual([{ op: 'move_cell', cell_id: 'a', index: 2 }]);
    shared().moveCell(2, 0);
    expect(ops()).toEqual([{ op: 'move_cell', cell_id: 'a', index: 0 }]);
  });

  it('cutting a cell and pasting it elsewhere at once', () => {
    const raw = shared().getCell(0).toJSON();
    shared().deleteCell(0);
    shared().insertCell(2, raw);
    expect(ops()).toEqual([{ op: 'move_cell', cell_id: 'a', index: 2 }]);
  });

  it('changing the type of a cell', () => {
    changeType(1, 'markdown');
    expect(ops()).toEqual([{ op: 'update_cell', cell_id: 'b', cell_type: 'markdown' }]);
    changeType(1, 'code');
    expect(ops()).toEqual([{ op: 'update_cell', cell_id: 'b', cell_type: 'code' }]);
  });

  it('splitting a cell: the tail keeps the id', () => {
    shared().transact(() => {
      shared().getCell(1).setSource('tail');
      shared().insertCell(1, { id: 'head', cell_type: 'code', source: 'head', metadata: {} });
    });
    expect(ops()).toEqual([
      { op: 'create_cell', cell: cell('head', 'head'), index: 1 },
      { op: 'update_cell', cell_id: 'b', source: 'tail' }
    ]);
  });

  it('merging cells, and undo', () => {
    shared().transact(() => {
      shared().deleteCell(0);
      shared().insertCell(0, { id: 'm', cell_type: 'code', source: 'a\n\nb', metadata: {} });
      shared().deleteCell(1);
    });
    expect(ops().map(({ op }) => op)).toEqual(['delete_cell', 'delete_cell', 'create_cell']);
    shared().undo();
    expect(ops().map(({ op }) => op)).toEqual(['delete_cell', 'create_cell', 'create_cell']);
  });

  it('typing, once it rests', () => {
    for (const text of ['b1', 'b12', 'b123']) {
      shared().getCell(1).setSource(text);
      vi.advanceTimersByTime(50);
    }
    expect(emitted).toEqual([]);
    expect(ops()).toEqual([{ op: 'update_cell', cell_id: 'b', source: 'b123' }]);
  });

  it('typing, at once before a run', () => {
    shared().getCell(1).setSource('now');
    mirror.flush();
    expect(emitted).toEqual([[{ op: 'update_cell', cell_id: 'b', source: 'now' }]]);
    vi.advanceTimersByTime(1000);
    expect(emitted).toHaveLength(1);
  });

  it('typing in a cell that came by undo', () => {
    shared().deleteCell(1);
    shared().undo();
    ops();
    shared().getCell(1).setSource('again');
    expect(ops()).toEqual([{ op: 'update_cell', cell_id: 'b', source: 'again' }]);
  });

  it('setting tags', () => {
    model.cells.get(0).setMetadata('tags', ['t']);
    expect(ops()).toEqual([{ op: 'update_cell', cell_id: 'a', tags: ['t'] }]);
    model.cells.get(0).deleteMetadata('tags');
    expect(ops()).toEqual([{ op: 'update_cell', cell_id: 'a', tags: [] }]);
  });

  it('and nothing of outputs and execution counts', () => {
    const code = shared().getCell(0) as unknown as { execution_count: number };
    code.execution_count = 3;
    model.cells.get(0).setMetadata('collapsed', true);
    expect(ops()).toEqual([]);
  });
});

describe('Mirror, of what others do', () => {
  const sources = () => Array.from(model.cells, c => `${c.id}:${c.sharedModel.getSource()}`);

  it('applies operations without an echo or an entry on the undo stack', () => {
    mirror.apply([
      { op: 'create_cell', cell: cell('n', 'new', 'code', ['t']), index: 1 },
      { op: 'move_cell', cell_id: 'a', index: 3 },
      { op: 'update_cell', cell_id: 'b', source: 'b2' },
      { op: 'delete_cell', cell_id: 'c' }
    ]);
    expect(sources()).toEqual(['n:new', 'b:b2', 'a:a']);
    expect(model.cells.get(0).getMetadata('tags')).toEqual(['t']);
    expect(ops()).toEqual([]);
    expect(shared().canUndo()).toBe(false);
  });

  it('changes the type of a cell and keeps its id', () => {
    mirror.apply([{ op: 'update_cell', cell_id: 'b', cell_type: 'markdown' }]);
    expect(model.cells.get(1).type).toBe('markdown');
    expect(sources()[1]).toBe('b:b');
    expect(ops()).toEqual([]);
  });

  it('says when operations make no sense', () => {
    expect(mirror.apply([{ op: 'update_cell', cell_id: 'gone', source: '' }])).toBe(false);
    expect(sources()).toEqual(['a:a', 'b:b', 'c:c']);
  });

  it('keeps what was typed here', () => {
    shared().getCell(0).setSource('mine');
    mirror.apply([
      { op: 'update_cell', cell_id: 'b', source: 'theirs' },
      { op: 'update_cell', cell_id: 'a', source: 'theirs' }
    ]);
    expect(sources()).toEqual(['a:mine', 'b:theirs', 'c:c']);
    expect(ops()).toEqual([{ op: 'update_cell', cell_id: 'a', source: 'mine' }]);
  });

  it('keeps a cell with typed text that others delete, and brings it back', () => {
    shared().getCell(1).setSource('typed');
    mirror.apply([{ op: 'delete_cell', cell_id: 'b' }]);
    expect(sources()).toEqual(['a:a', 'b:typed', 'c:c']);
    expect(ops()).toEqual([{ op: 'create_cell', cell: cell('b', 'typed'), index: 1 }]);
  });

  it('does so too when the text is on its way to the kernel', () => {
    shared().getCell(1).setSource('typed');
    expect(ops()).toHaveLength(1);
    mirror.apply([{ op: 'delete_cell', cell_id: 'b' }]);
    expect(ops()).toEqual([{ op: 'create_cell', cell: cell('b', 'typed'), index: 1 }]);
    // The kernel has had no cell to update, and has created this one.
    mirror.settle(false);
    mirror.settle(true);
    expect(sources()).toEqual(['a:a', 'b:typed', 'c:c']);
    mirror.flush();
    expect(ops()).toEqual([]);
  });

  it('sends again what the kernel could not apply', () => {
    shared().insertCell(3, { id: 'n', cell_type: 'code', source: 'n', metadata: {} });
    expect(ops()).toEqual([{ op: 'create_cell', cell: cell('n', 'n'), index: 3 }]);
    mirror.apply([{ op: 'delete_cell', cell_id: 'a' }]);
    mirror.settle(false);
    mirror.flush();
    expect(ops()).toEqual([{ op: 'create_cell', cell: cell('n', 'n'), index: 2 }]);
  });

  it('moves others around the cell in which somebody types', () => {
    edited = 'b';
    const widget = model.cells.get(1);
    mirror.apply([{ op: 'move_cell', cell_id: 'b', index: 0 }]);
    expect(sources()).toEqual(['b:b', 'a:a', 'c:c']);
    expect(model.cells.get(0)).toBe(widget);
  });

  it('only notes what a collaboration layer brings', () => {
    mirror.apply([{ op: 'update_cell', cell_id: 'a', source: 'theirs' }], false);
    expect(sources()).toEqual(['a:a', 'b:b', 'c:c']);
    // What is written meanwhile takes nothing back.
    shared().getCell(1).setSource('mine');
    expect(ops()).toEqual([{ op: 'update_cell', cell_id: 'b', source: 'mine' }]);
    mirror.settle(true);
    shared().getCell(0).setSource('theirs');
    expect(ops()).toEqual([]);
  });

  it('keeps what a kernel that is gone was not told of', () => {
    shared().getCell(0).setSource('typed');
    mirror.hold();
    mirror.release([cell('a', 'a'), cell('b', 'b2'), cell('c', 'c')]);
    expect(sources()).toEqual(['a:typed', 'b:b2', 'c:c']);
    expect(ops()).toEqual([{ op: 'update_cell', cell_id: 'a', source: 'typed' }]);
  });

  it('remembers what the document was', () => {
    const before = mirror.cells();
    mirror.apply([{ op: 'update_cell', cell_id: 'a', source: 'theirs' }]);
    expect(mirror.hasHeld(before)).toBe(true);
    expect(mirror.hasHeld(mirror.cells())).toBe(true);
    expect(mirror.hasHeld([cell('a', 'never')])).toBe(false);
  });

  it('holds edits back until the kernel has answered, and puts both in step', () => {
    mirror.hold();
    shared().getCell(0).setSource('meanwhile');
    vi.advanceTimersByTime(1000);
    expect(emitted).toEqual([]);
    mirror.release([cell('c', 'c'), cell('b', 'kernel'), cell('a', 'a')]);
    expect(sources()).toEqual(['c:c', 'b:kernel', 'a:meanwhile']);
    expect(ops()).toEqual([{ op: 'update_cell', cell_id: 'a', source: 'meanwhile' }]);
  });
});

describe('difference', () => {
  it.each([
    ['abc', 'abXc', { start: 2, end: 2, value: 'X' }],
    ['abc', 'ac', { start: 1, end: 2, value: '' }],
    ['aa', 'aaa', { start: 2, end: 2, value: 'a' }],
    ['', 'x', { start: 0, end: 0, value: 'x' }],
    ['same', 'same', { start: 4, end: 4, value: '' }],
    // The two animals share their first half.
    ['🐍', '🐙', { start: 0, end: 2, value: '🐙' }]
  ])('of %j and %j', (before, after, expected) => {
    expect(difference(before, after)).toEqual(expected);
  });
});
