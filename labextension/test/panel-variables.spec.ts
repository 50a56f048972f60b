import { expect, it } from 'vitest';

import { Graph } from '../src/graph';
import type { IEntry } from '../src/panel/table';
import { arrange, entriesOf, sizeText, widest } from '../src/panel/table';
import type { IVariable } from '../src/protocol';

const variable = (name: string, fields: Partial<IVariable> = {}): IVariable => ({
  name,
  cell: null,
  type: 'int',
  size: null,
  shape: null,
  preview: '1',
  ...fields
});

const entry = (name: string, fields: Partial<IEntry> = {}): IEntry => ({
  ...variable(name),
  writer: 0,
  users: [],
  ...fields
});

const names = (entries: readonly IEntry[]) => entries.map(({ name }) => name);

it('finds the cells that use a variable, in notebook order', () => {
  const graph = new Graph();
  graph.reset({
    edges: [
      { from: 'a', to: 'd', names: ['x'] },
      { from: 'a', to: 'c', names: ['x', 'y'] },
      { from: 'a', to: 'b', names: ['y'] }
    ],
    problems: []
  });
  const [x, gone] = entriesOf(
    [variable('x', { cell: 'a' }), variable('gone')],
    ['a', 'b', 'c', 'd'],
    graph
  );
  expect([x.writer, x.users]).toEqual([0, ['c', 'd']]);
  expect([gone.writer, gone.users]).toEqual([null, []]);
});

it('tells the shape, or else the size', () => {
  expect(sizeText(variable('x', { shape: [100, 3] }))).toBe('100 × 3');
  expect(sizeText(variable('x', { size: 5 }))).toBe('5');
  expect(sizeText(variable('x'))).toBe('');
});

it('sorts by a column, and by name what is equal there', () => {
  const entries = [
    entry('b', { size: 3 }),
    entry('x10', { shape: [2, 2] }),
    entry('x9', { size: 3 })
  ];
  const sorted = (column: 'name' | 'size', descending = false) =>
    names(arrange(entries, '', { column, descending }));
  expect(sorted('name')).toEqual(['b', 'x9', 'x10']);
  expect(sorted('name', true)).toEqual(['x10', 'x9', 'b']);
  expect(sorted('size')).toEqual(['b', 'x9', 'x10']);
  expect(sorted('size', true)).toEqual(['x10', 'b', 'x9']);
});

it('finds variables by a part of their name or type', () => {
  const entries = [entry('rates', { type: 'list' }), entry('total'), entry('Frame')];
  const found = (filter: string) =>
    names(arrange(entries, filter, { column: 'name', descending: false }));
  expect(found('ra')).toEqual(['Frame', 'rates']);
  expect(found(' LIST ')).toEqual(['rates']);
  expect(found('nothing')).toEqual([]);
});

it('finds what is widest in each column', () => {
  const entries = [
    entry('a', { type: 'DataFrame', shape: [1000, 10], cell: 'x', writer: 3 }),
    entry('longer', { preview: '[1, 2, 3]', users: ['y', 'z'] })
  ];
  expect(widest(entries)).toEqual({
    name: 'longer',
    type: 'DataFrame',
    shape: [1000, 10],
    size: null,
    preview: '[1, 2, 3]',
    cell: 'x',
    writer: null,
    users: ['y', 'z']
  });
  expect(widest([])).toBeNull();
});
