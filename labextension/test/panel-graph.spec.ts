import { expect, it } from 'vitest';

import { Graph } from '../src/graph';
import { around, linksAmong } from '../src/panel/excerpt';
import { layOut, stacks } from '../src/panel/layout';
import { headingsOf } from '../src/panel/rows';

const NO_GROUPS = new Map<string, string>();

function graphOf(...pairs: [string, string][]): Graph {
  const graph = new Graph();
  graph.reset({ edges: pairs.map(([from, to]) => ({ from, to, names: ['x'] })), problems: [] });
  return graph;
}

const IDS = ['a', 'b', 'c', 'd', 'e'];
const CHAIN = graphOf(['a', 'b'], ['b', 'c'], ['c', 'd']);

it('finds what is nearest to a cell up and down, in notebook order', () => {
  expect(around('c', IDS, CHAIN, 3)).toEqual(['b', 'c', 'd']);
  expect(around('c', IDS, CHAIN, 10)).toEqual(['a', 'b', 'c', 'd']);
  expect(around('e', IDS, CHAIN, 10)).toEqual(['e']);
});

it('does not go from what a cell depends on to others that do', () => {
  expect(around('b', IDS, graphOf(['a', 'b'], ['a', 'c'], ['b', 'd']), 10)).toEqual([
    'a',
    'b',
    'd'
  ]);
});

it('finds nothing around a cell that is none of them', () => {
  expect(around('markdown', IDS, CHAIN, 10)).toEqual([]);
  expect(around(null, IDS, CHAIN, 10)).toEqual([]);
});

it('takes the edges among some cells', () => {
  expect(linksAmong(['a', 'b', 'd'], CHAIN)).toEqual([{ from: 'a', to: 'b', names: ['x'] }]);
});

it('knows under which heading a cell stands', () => {
  const cell = (id: string, type: string, source: string) => ({ id, type, source });
  const cells = [
    cell('a', 'code', '# no heading'),
    cell('one', 'markdown', '# One'),
    cell('b', 'code', 'x'),
    cell('text', 'markdown', 'Text'),
    cell('c', 'code', 'y'),
    cell('two', 'markdown', '## Two'),
    cell('d', 'code', 'z')
  ];
  const headings = headingsOf(cells);
  expect(['a', 'b', 'c', 'd'].map(id => headings.get(id))).toEqual([
    undefined,
    'one',
    'one',
    'two'
  ]);
});

it('puts each cell below what it needs', async () => {
  const links = linksAmong(IDS, CHAIN);
  const { nodes, links: placed } = await layOut(IDS, links, NO_GROUPS);
  for (const { link, points } of placed) {
    expect(nodes.get(link.to)!.y).toBeGreaterThan(nodes.get(link.from)!.y);
    expect(points[0].y).toBeLessThan(points.at(-1)!.y);
  }
  expect(placed).toHaveLength(3);
});

it('puts a frame around what stands under a heading', async () => {
  const grouped = new Map([
    ['c', 'two'],
    ['d', 'two']
  ]);
  const { nodes, groups } = await layOut(IDS, linksAmong(IDS, CHAIN), grouped);
  const frame = groups.get('two')!;
  const isInside = (id: string) => {
    const { x, y } = nodes.get(id)!;
    return Math.abs(x - frame.x) < frame.width / 2 && Math.abs(y - frame.y) < frame.height / 2;
  };
  expect(IDS.filter(isInside)).toEqual(['c', 'd']);
});

it('stacks cells without edges, those of each group for themselves', () => {
  const ids = Array.from({ length: 7 }, (_, index) => `c${index}`);
  expect(stacks(ids, [], NO_GROUPS).map(({ from, to }) => `${from}-${to}`)).toEqual([
    'c0-c1',
    'c1-c2',
    'c2-c3',
    'c3-c4',
    'c5-c6'
  ]);
  const groups = new Map([
    ['c0', 'one'],
    ['c2', 'one']
  ]);
  const link = { from: 'c3', to: 'c4', names: ['x'] };
  expect(stacks(ids.slice(0, 6), [link], groups)).toEqual([
    { from: 'c0', to: 'c2' },
    { from: 'c1', to: 'c5' }
  ]);
});
