import { describe, expect, it } from 'vitest';

import { diff } from '../src/diff';
import { applyOps } from '../src/document';
import { merge } from '../src/merge';
import type { ICell } from '../src/protocol';
import { cell } from './cells';

const base = ['a', 'b', 'c', 'd'].map(id => cell(id, id));

const [a, b, c, d] = base;

const order = (cells: readonly ICell[]) => cells.map(({ id }) => id).join('');

describe('merge', () => {
  it('takes what others changed', () => {
    const theirs = [c, cell('a', 'a2'), cell('n', 'new'), d];
    expect(merge(base, theirs, base)).toEqual(theirs);
  });

  it('keeps what was changed here', () => {
    const ours = [cell('n', 'new'), a, cell('b', 'b2'), d];
    expect(merge(base, base, ours)).toEqual(ours);
  });

  it('brings both together', () => {
    const theirs = [cell('a', 'theirs'), b, c, d, cell('t', 'theirs')];
    const ours = [a, cell('o', 'ours'), cell('b', 'ours'), d];
    expect(merge(base, theirs, ours)).toEqual([
      cell('a', 'theirs'),
      cell('o', 'ours'),
      cell('b', 'ours'),
      d,
      cell('t', 'theirs')
    ]);
  });

  it('lets ours stand where both changed the same, field by field', () => {
    const theirs = [cell('a', 'theirs', 'markdown', ['t']), b, c, d];
    const ours = [cell('a', 'ours'), b, c, d];
    expect(merge(base, theirs, ours)[0]).toEqual(cell('a', 'ours', 'markdown', ['t']));
  });

  it('keeps a cell that others deleted and that was edited here', () => {
    expect(merge(base, [a, c, d], [a, cell('b', 'typed'), c, d])).toEqual([
      a,
      cell('b', 'typed'),
      c,
      d
    ]);
  });

  it('brings back a cell that was deleted here and that others edited', () => {
    expect(merge(base, [a, cell('b', 'typed'), c, d], [a, c, d])).toEqual([
      a,
      cell('b', 'typed'),
      c,
      d
    ]);
  });

  it('deletes what both deleted', () => {
    expect(merge(base, [a, c, d], [a, c, d])).toEqual([a, c, d]);
  });

  it('moves what others moved', () => {
    const n = cell('n', 'new');
    expect(order(merge(base, [d, a, b, c], [a, n, b, c, d]))).toBe('danbc');
  });
});

describe('applyOps', () => {
  it('leads where a difference says', () => {
    const after = [cell('n', 'new'), d, cell('b', 'b2', 'raw', ['t']), a];
    expect(applyOps(base, diff(base, after))).toEqual(after);
  });

  it('takes the very cell that stands there as done', () => {
    expect(applyOps(base, [{ op: 'create_cell', cell: cell('b', 'b'), index: 1 }])).toEqual(base);
  });

  it.each([
    [{ op: 'update_cell' as const, cell_id: 'gone', source: '' }],
    [{ op: 'delete_cell' as const, cell_id: 'gone' }],
    [{ op: 'move_cell' as const, cell_id: 'a', index: 4 }],
    [{ op: 'create_cell' as const, cell: cell('n'), index: 5 }],
    [{ op: 'create_cell' as const, cell: cell('b', 'other'), index: 1 }]
  ])('cannot apply %j', op => {
    expect(applyOps(base, [{ op: 'delete_cell', cell_id: 'd' }, op, op])).toBeNull();
  });
});
