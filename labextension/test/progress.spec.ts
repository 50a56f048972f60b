import { expect, it } from 'vitest';

import { Progress } from '../src/progress';

function far({ done, total, running }: Progress) {
  return { done, total, running };
}

it('counts the cells of a run as they are done', () => {
  const progress = new Progress();
  progress.start('r', ['a', 'b', 'c']);
  expect(far(progress)).toEqual({ done: 0, total: 3, running: null });
  progress.take('a', 'running');
  expect(far(progress)).toEqual({ done: 0, total: 3, running: 'a' });
  progress.take('a', 'fresh');
  progress.take('b', 'failed');
  expect(far(progress)).toEqual({ done: 2, total: 3, running: null });
  progress.finish('r');
  expect(progress.runs).toEqual([]);
  expect(far(progress)).toEqual({ done: 3, total: 3, running: null });
});

it('counts what a run turns out to need', () => {
  const progress = new Progress();
  progress.start('r', ['a']);
  progress.take('b', 'queued');
  progress.take('a', 'fresh');
  expect(far(progress)).toEqual({ done: 1, total: 2, running: null });
});

it('counts a cell that runs again once', () => {
  const progress = new Progress();
  progress.start('r', ['a', 'b']);
  progress.take('a', 'fresh');
  progress.take('a', 'queued');
  expect(far(progress)).toEqual({ done: 0, total: 2, running: null });
});

it('takes runs that overlap for one', () => {
  const progress = new Progress();
  progress.start('r', ['a', 'b']);
  progress.take('a', 'fresh');
  progress.start('s', ['c']);
  progress.take('b', 'fresh');
  progress.finish('r');
  expect(progress.runs).toEqual(['s']);
  expect(far(progress)).toEqual({ done: 2, total: 3, running: null });
  progress.finish('s');
  progress.start('t', ['a']);
  expect(far(progress)).toEqual({ done: 0, total: 1, running: null });
});

it('passes over cells while no run is under way', () => {
  const progress = new Progress();
  progress.take('a', 'running');
  expect(far(progress)).toEqual({ done: 0, total: 0, running: null });
  progress.start('r', ['a']);
  progress.end();
  progress.take('a', 'fresh');
  expect(progress.runs).toEqual([]);
});
