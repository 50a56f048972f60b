import { expect, it } from 'vitest';

import { affectedCells } from '../src/origins';
import type { IReason, IStatus, ReasonKind } from '../src/protocol';

function statuses(all: Record<string, [ReasonKind, string | null][]>) {
  return (id: string): IStatus => ({
    state: 'stale',
    reasons: all[id].map(([kind, cell]): IReason => ({ kind, name: 'x', cell })),
    execution_count: 1,
    msg_id: null
  });
}

it('finds the cell that has run with another result', () => {
  const status = statuses({
    b: [['input_changed', 'a']],
    c: [['upstream_stale', 'b']],
    d: [['input_changed', 'z']]
  });
  const found = affectedCells(['b', 'c', 'd'], status);
  expect([...found]).toEqual([
    ['a', ['b', 'c']],
    ['z', ['d']]
  ]);
});

it('finds the cell that was edited, which is not affected by itself', () => {
  const status = statuses({
    a: [['edited', null]],
    b: [
      ['edited', null],
      ['upstream_stale', 'a']
    ],
    c: [['upstream_stale', 'b']]
  });
  expect([...affectedCells(['a', 'b', 'c'], status)]).toEqual([
    ['a', ['b', 'c']],
    ['b', ['c']]
  ]);
});

it('finds nothing where nothing is stale', () => {
  expect(affectedCells([], () => null).size).toBe(0);
});
