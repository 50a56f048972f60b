import { expect, it } from 'vitest';

import { clock, firstLine } from '../src/labels';

it.each([
  [0, '0:00'],
  [999, '0:00'],
  [61_000, '1:01'],
  [3_600_000, '1:00:00'],
  [3_725_000, '1:02:05']
])('shows %d ms as %s', (milliseconds, shown) => {
  expect(clock(milliseconds)).toBe(shown);
});

it.each([
  ['', ''],
  ['x = 1', 'x = 1'],
  ['\n\n  fit()  \nmore', 'fit()']
])('takes the first line of %j', (source, line) => {
  expect(firstLine(source)).toBe(line);
});
