import { describe, expect, it } from 'vitest';

import { connectionOf } from '../src/sql';

describe('connectionOf', () => {
  it.each([
    ['%%sql\nselect 1', 'duckdb'],
    ['%%sql shop\nselect 1', 'shop'],
    ['\n%%sql  my.shop-1 frame <<\nselect 1', 'my.shop-1'],
    ['%%sql frame <<\nselect 1', 'duckdb'],
    ['%%sql frame<< select 1', 'duckdb'],
    ['%%sql SELECT 1', 'duckdb'],
    ['%%sql --limit 5\nshop', 'duckdb'],
    ['%%sql', 'duckdb'],
    ['%%sqlite\nselect 1', null],
    ['x = %sql select 1', null],
    ['print(1)', null]
  ])('finds the connection of %j', (source, connection) => {
    expect(connectionOf(source)).toBe(connection);
  });
});
