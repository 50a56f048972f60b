import type { ICell, Op } from './protocol';

/**
 * Apply operations to a snapshot of a document as the kernel does: all of them or none.
 *
 * @returns The snapshot that they lead to; null where one of them cannot apply.
 */
export function applyOps(cells: readonly ICell[], ops: readonly Op[]): readonly ICell[] | null {
  const after = [...cells];
  return ops.every(op => applyOp(after, op)) ? after : null;
}

/** Apply one operation in place, if that can be done. */
function applyOp(cells: ICell[], op: Op): boolean {
  const id = op.op === 'create_cell' ? op.cell.id : op.cell_id;
  const at = cells.findIndex(cell => cell.id === id);
  if (op.op === 'create_cell') {
    const index = op.index ?? (at < 0 ? cells.length : at);
    if (at >= 0) {
      return index === at && sameCell(cells[at], op.cell);
    }
    return insert(cells, index, op.cell);
  }
  if (at < 0) {
    return false;
  }
  if (op.op === 'update_cell') {
    const { source, cell_type, tags } = cells[at];
    cells[at] = {
      id,
      cell_type: op.cell_type ?? cell_type,
      source: op.source ?? source,
      tags: op.tags ?? tags
    };
    return true;
  }
  const [cell] = cells.splice(at, 1);
  return op.op === 'delete_cell' || insert(cells, op.index, cell);
}

function insert(cells: ICell[], index: number, cell: ICell): boolean {
  if (index < 0 || index > cells.length) {
    return false;
  }
  cells.splice(index, 0, cell);
  return true;
}

/** Whether two cells are the same in all that the kernel mirrors. */
export function sameCell(a: ICell, b: ICell): boolean {
  return (
    a === b ||
    (a.id === b.id &&
      a.cell_type === b.cell_type &&
      a.source === b.source &&
      sameTags(a.tags, b.tags))
  );
}

export function sameTags(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((tag, i) => tag === b[i]);
}
