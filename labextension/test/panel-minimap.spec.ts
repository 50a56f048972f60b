import { nullTranslator } from '@jupyterlab/translation';
import { expect, it } from 'vitest';

import { Graph } from '../src/graph';
import { Arcs, fan, reach } from '../src/panel/arcs';
import { formatTime, headingOf, lineOf } from '../src/panel/rows';
import { runTime } from '../src/timings';

function graphOf(...pairs: [string, string][]): Graph {
  const graph = new Graph();
  graph.reset({ edges: pairs.map(([from, to]) => ({ from, to, names: ['x'] })), problems: [] });
  return graph;
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`);

it('shows of a code cell its first line that is not empty', () => {
  expect(lineOf('code', '\n\n  x = 1  \ny = 2')).toBe('x = 1');
  expect(lineOf('code', '# of code')).toBe('# of code');
  expect(lineOf('code', ' \n')).toBe('');
});

it('shows of a cell magic what it is about', () => {
  expect(lineOf('code', '%%sql sales\n\n  SELECT *\nFROM orders')).toBe('%%sql sales SELECT *');
  expect(lineOf('code', '%%sql\n')).toBe('%%sql');
  expect(lineOf('code', '%cd data\nx = 1')).toBe('%cd data');
});

it('shows of a markdown cell its heading', () => {
  expect(lineOf('markdown', 'Some text\n\n## Results ##\nmore')).toBe('Results');
  expect(lineOf('markdown', '#hashtag')).toBe('#hashtag');
});

it('takes no comment in a block of code for a heading', () => {
  expect(headingOf('```python\n# comment\n```\n### After')).toEqual({ level: 3, text: 'After' });
});

it('tells how long a cell ran from the times that JupyterLab notes', () => {
  const ended = { 'shell.execute_reply': '2026-01-01T00:00:02.500Z' };
  expect(runTime({ 'iopub.execute_input': '2026-01-01T00:00:01Z', ...ended })).toBe(1500);
  expect(
    runTime({
      'iopub.execute_input': '2026-01-01T00:00:01Z',
      'shell.execute_reply.started': '2026-01-01T00:00:02Z',
      ...ended
    })
  ).toBe(500);
  expect(runTime(ended)).toBeNull();
  expect(runTime({ 'iopub.execute_input': 'nonsense', ...ended })).toBeNull();
  expect(runTime(undefined)).toBeNull();
});

it('gives a time in the unit that suits it', () => {
  const trans = nullTranslator.load('reactive_kernel');
  const said = [12.3, 999, 1500, 125_000].map(time => formatTime(time, trans));
  expect(said).toEqual(['12 ms', '999 ms', '1.5 s', '2 min 5 s']);
});

it('finds the arcs that begin, pass or end at some rows', () => {
  const arcs = new Arcs(ids(1000), graphOf(['c0', 'c999'], ['c10', 'c12'], ['c500', 'c600']));
  expect(arcs.between(11, 11)).toEqual([
    { from: 0, to: 999 },
    { from: 10, to: 12 }
  ]);
  expect(arcs.between(300, 450)).toEqual([{ from: 0, to: 999 }]);
  expect(arcs.between(600, 700)).toEqual([
    { from: 0, to: 999 },
    { from: 500, to: 600 }
  ]);
});

it('leaves out cells that are not there', () => {
  expect(new Arcs(ids(2), graphOf(['c0', 'gone'])).between(0, 1)).toEqual([]);
});

it('folds the arcs of a cell that very many depend on', () => {
  const pairs = (count: number) =>
    ids(count).map((_, index): [string, string] => ['c0', `c${index + 1}`]);
  const few = new Arcs(ids(20), graphOf(...pairs(8)));
  expect(few.folded('c0')).toBe(0);
  expect(few.between(0, 19)).toHaveLength(8);
  const many = new Arcs(ids(20), graphOf(...pairs(9), ['c1', 'c2']));
  expect(many.folded('c0')).toBe(9);
  expect(many.between(0, 19)).toEqual([{ from: 1, to: 2 }]);
});

it('knows how far the arcs of a row go', () => {
  expect(fan(5, [9, 7, 6])).toEqual({ rows: new Set([9, 7, 6]), end: 9 });
  expect(fan(5, [4, 1, 3])?.end).toBe(1);
  expect(fan(5, [])).toBeNull();
});

it('lets longer arcs go further out, and none too far', () => {
  expect(reach({ from: 0, to: 1 })).toBeLessThan(reach({ from: 0, to: 2 }));
  expect(reach({ from: 0, to: 5000 })).toBe(1);
});
