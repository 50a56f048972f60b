import { diff } from './diff';
import { sameCell, sameTags } from './document';
import type { ICell } from './protocol';

/**
 * Take what others did to a document into one that was changed here meanwhile.
 *
 * @param base - What both sides started from.
 * @param theirs - What others have made of it.
 * @param ours - What has been made of it here.
 *
 * #### Notes
 * Ours reaches the kernel after theirs, so it stands where both have changed the same. A cell
 * that one side has deleted and the other has changed stays.
 */
export function merge(
  base: readonly ICell[],
  theirs: readonly ICell[],
  ours: readonly ICell[]
): readonly ICell[] {
  const was = new Map(base.map(cell => [cell.id, cell]));
  const now = new Map(theirs.map(cell => [cell.id, cell]));
  const own = new Set(ours.map(cell => cell.id));
  const moved = new Set(
    diff(base, theirs).flatMap(op => (op.op === 'move_cell' ? [op.cell_id] : []))
  );
  const merged: ICell[] = [];
  for (const cell of ours) {
    const before = was.get(cell.id);
    const after = now.get(cell.id);
    if (after) {
      merged.push(mergeCell(before, after, cell));
    } else if (!before || !sameCell(before, cell)) {
      merged.push(cell);
    }
  }
  let above: string | null = null;
  for (const cell of theirs) {
    const before = was.get(cell.id);
    const missing = !own.has(cell.id);
    if (missing && (!before || !sameCell(before, cell))) {
      place(merged, cell, above);
    } else if (!missing && moved.has(cell.id)) {
      const at = merged.findIndex(({ id }) => id === cell.id);
      place(merged, merged.splice(at, 1)[0], above);
    }
    if (merged.some(({ id }) => id === cell.id)) {
      above = cell.id;
    }
  }
  return merged;
}

function mergeCell(before: ICell | undefined, theirs: ICell, ours: ICell): ICell {
  if (!before || theirs === before) {
    return ours;
  }
  return {
    id: ours.id,
    source: ours.source === before.source ? theirs.source : ours.source,
    cell_type: ours.cell_type === before.cell_type ? theirs.cell_type : ours.cell_type,
    tags: sameTags(ours.tags, before.tags) ? theirs.tags : ours.tags
  };
}

/** Put a cell below another, or at the top. */
function place(cells: ICell[], cell: ICell, above: string | null): void {
  cells.splice(above === null ? 0 : cells.findIndex(({ id }) => id === above) + 1, 0, cell);
}
