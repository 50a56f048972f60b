import { expect, it } from 'vitest';

import { Graph } from '../src/graph';
import type { IProblem } from '../src/protocol';

const edge = (from: string, to: string) => ({ from, to, names: ['x'] });

function chain(): Graph {
  const graph = new Graph();
  graph.reset({ edges: [edge('a', 'b'), edge('b', 'c'), edge('a', 'd')], problems: [] });
  return graph;
}

it('finds what a cell depends on, also through others', () => {
  expect(chain().upstream('c')).toEqual(new Set(['a', 'b']));
  expect(chain().upstream('a')).toEqual(new Set());
});

it('finds what depends on a cell, also through others', () => {
  expect(chain().downstream('a')).toEqual(new Set(['b', 'c', 'd']));
  expect(chain().downstream('unknown')).toEqual(new Set());
});

it('knows the names that a cell takes from others', () => {
  const graph = chain();
  expect(graph.dependents('a')).toEqual(
    new Map([
      ['b', ['x']],
      ['d', ['x']]
    ])
  );
  graph.update({ edges: [{ from: 'a', to: 'b', names: ['x', 'y'] }], removed: [], problems: [] });
  expect(graph.dependencies('b')).toEqual(new Map([['a', ['x', 'y']]]));
  expect(graph.dependencies('unknown')).toEqual(new Map());
});

it('takes in edges that come and go', () => {
  const graph = chain();
  graph.update({ edges: [edge('d', 'e')], removed: [{ from: 'a', to: 'b' }], problems: [] });
  expect(graph.downstream('a')).toEqual(new Set(['d', 'e']));
  expect(graph.upstream('c')).toEqual(new Set(['b']));
});

it('goes around a cell that two ways lead to once', () => {
  const graph = chain();
  graph.update({ edges: [edge('d', 'c')], removed: [], problems: [] });
  expect(graph.upstream('c')).toEqual(new Set(['a', 'b', 'd']));
});

it('begins anew', () => {
  const graph = chain();
  graph.reset({ edges: [edge('c', 'd')], problems: [] });
  expect(graph.downstream('a')).toEqual(new Set());
  expect(graph.upstream('d')).toEqual(new Set(['c']));
});

it('knows what is defined only below', () => {
  const graph = chain();
  const problems: IProblem[] = [
    { kind: 'opaque', cells: ['b'], names: [], message: '' },
    { kind: 'defined_below', cells: ['a', 'c'], names: ['y'], message: '' }
  ];
  graph.update({ edges: [], removed: [], problems });
  expect(graph.definedBelow('a')).toEqual({ names: ['y'], cells: ['c'] });
  expect(graph.definedBelow('b')).toBeNull();
  expect(graph.tooEarly).toEqual(['a']);
  graph.update({ edges: [], removed: [], problems: [] });
  expect(graph.tooEarly).toEqual([]);
});
