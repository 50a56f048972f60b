import { describe, expect, it } from 'vitest';

import { digest } from '../src/digest';
import type { ICell } from '../src/protocol';

function cell(id: string, source: string, cell_type: ICell['cell_type'] = 'code'): ICell {
  return { id, cell_type, source, tags: [] };
}

describe('digest', () => {
  // Each as zlib.crc32 gives it.
  it.each([
    ['no cells', [], '00000000'],
    ['a cell', [cell('a', 'x = 1')], '63bbf6a5'],
    ['order', [cell('a', 'x'), cell('b', 'ü €', 'markdown')], '74a17351'],
    ['astral plane', [cell('a', '🐍')], '17af9874'],
    ['unpaired surrogates', [cell('a', 'a\ud800b')], '0f2a8178'],
    ['the replacement character itself', [cell('a', 'a\ufffdb')], '0f2a8178']
  ])('of %s', (_, cells, expected) => {
    expect(digest(cells)).toBe(expected);
  });
});
