import type { CellType, ICell } from '../src/protocol';

/** A cell as the kernel mirrors it. */
export function cell(
  id: string,
  source = '',
  cell_type: CellType = 'code',
  tags: string[] = []
): ICell {
  return { id, cell_type, source, tags };
}
