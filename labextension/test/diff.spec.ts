import { describe, expect, it } from 'vitest';

import { diff } from '../src/diff';
import type { ICell, Op } from '../src/protocol';
import { cell } from './cells';

/** The document that the kernel has after these operations. */
function applied(cells: readonly ICell[], ops: readonly Op[]): ICell[] {
  const result = [...cells];
  for (const op of ops) {
    const at = op.op === 'create_cell' ? -1 : result.findIndex(({ id }) => id === op.cell_id);
    switch (op.op) {
      case 'create_cell':
        result.splice(op.index ?? result.length, 0, op.cell);
        break;
      case 'delete_cell':
        result.splice(at, 1);
        break;
      case 'move_cell':
        result.splice(op.index, 0, ...result.splice(at, 1));
        break;
      case 'update_cell': {
        const { id, source, cell_type, tags } = result[at];
        result[at] = { id, source, cell_type, tags, ...changes(op) };
      }
    }
  }
  return result;
}

function changes(op: Op & { op: 'update_cell' }): Partial<ICell> {
  const { source, cell_type, tags } = op;
  return JSON.parse(JSON.stringify({ source, cell_type, tags })) as Partial<ICell>;
}

const cells = (ids: string) => Array.from(ids, id => cell(id, id.toLowerCase()));

describe('diff', () => {
  it.each([
    ['nothing', 'abc', 'abc', []],
    ['a new cell', 'ac', 'abc', ['create_cell']],
    ['a deleted cell', 'abc', 'ac', ['delete_cell']],
    ['a cell moved down', 'abcd', 'bcda', ['move_cell']],
    ['a cell moved up', 'abcd', 'dabc', ['move_cell']],
    ['two cells swapped', 'abcd', 'acbd', ['move_cell']],
    ['a turned order', 'abc', 'cba', ['move_cell', 'move_cell']],
    ['all gone', 'abc', '', ['delete_cell', 'delete_cell', 'delete_cell']],
    ['another notebook', 'ab', 'cd', ['delete_cell', 'delete_cell', 'create_cell', 'create_cell']]
  ])('finds %s', (_, before, after, expected) => {
    const ops = diff(cells(before), cells(after));
    expect(ops.map(({ op }) => op)).toEqual(expected);
    expect(applied(cells(before), ops)).toEqual(cells(after));
  });

  it('finds what changed in a cell, and only that', () => {
    const before = [cell('a', 'x'), cell('b', 'y'), cell('c', 'z')];
    const after = [cell('a', 'x = 1'), cell('b', 'y', 'markdown'), cell('c', 'z', 'code', ['t'])];
    expect(diff(before, after)).toEqual([
      { op: 'update_cell', cell_id: 'a', source: 'x = 1' },
      { op: 'update_cell', cell_id: 'b', cell_type: 'markdown' },
      { op: 'update_cell', cell_id: 'c', tags: ['t'] }
    ]);
  });

  it('leads from any document to any other', () => {
    // A linear congruence, so that a failure can be seen again.
    let seed = 1;
    const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
    const document = () => {
      const rest = Array.from('abcdefghij');
      const ids = Array.from({ length: random(9) }, () => rest.splice(random(rest.length), 1)[0]);
      return ids.map(id => cell(id, `${random(2)}`, random(2) ? 'code' : 'markdown'));
    };
    for (let i = 0; i < 500; i++) {
      const [before, after] = [document(), document()];
      expect(applied(before, diff(before, after))).toEqual(after);
    }
  });
});
