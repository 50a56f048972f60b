import type { ICell, Op } from './protocol';

/**
 * The operations that lead from one snapshot of a document to another.
 *
 * #### Notes
 * Cells that keep their relative order are not moved: the longest such sequence stays.
 */
export function diff(before: readonly ICell[], after: readonly ICell[]): Op[] {
  const old = new Map(before.map(cell => [cell.id, cell]));
  return [...structure(before, after, old), ...updates(after, old)];
}

/** Deletions, creations and moves. */
function structure(
  before: readonly ICell[],
  after: readonly ICell[],
  old: ReadonlyMap<string, ICell>
): Op[] {
  if (before.length === after.length && before.every((cell, i) => cell.id === after[i].id)) {
    return [];
  }
  const ops: Op[] = [];
  const kept = new Set(after.map(cell => cell.id));
  const order: string[] = [];
  for (const { id } of before) {
    if (kept.has(id)) {
      order.push(id);
    } else {
      ops.push({ op: 'delete_cell', cell_id: id });
    }
  }
  const places = new Map(order.map((id, i) => [id, i]));
  const resting = longestIncreasing(
    after.filter(({ id }) => old.has(id)).map(({ id }) => id),
    places
  );
  let previous: string | null = null;
  for (const cell of after) {
    const moved = old.has(cell.id) && !resting.has(cell.id);
    if (moved) {
      order.splice(order.indexOf(cell.id), 1);
    }
    if (moved || !old.has(cell.id)) {
      const index = previous === null ? 0 : order.indexOf(previous) + 1;
      order.splice(index, 0, cell.id);
      ops.push(
        moved
          ? { op: 'move_cell', cell_id: cell.id, index }
          : { op: 'create_cell', cell: { ...cell }, index }
      );
    }
    previous = cell.id;
  }
  return ops;
}

/** Changes within cells that stay. */
function updates(after: readonly ICell[], old: ReadonlyMap<string, ICell>): Op[] {
  const ops: Op[] = [];
  for (const cell of after) {
    const was = old.get(cell.id);
    if (!was || was === cell) {
      continue;
    }
    const op: Op = { op: 'update_cell', cell_id: cell.id };
    if (was.source !== cell.source) {
      op.source = cell.source;
    }
    if (was.cell_type !== cell.cell_type) {
      op.cell_type = cell.cell_type;
    }
    if (was.tags.length !== cell.tags.length || was.tags.some((tag, i) => tag !== cell.tags[i])) {
      op.tags = cell.tags;
    }
    if (Object.keys(op).length > 2) {
      ops.push(op);
    }
  }
  return ops;
}

/**
 * The ids of a longest subsequence whose places increase.
 */
function longestIncreasing(ids: string[], places: ReadonlyMap<string, number>): Set<string> {
  const tails: number[] = [];
  const before: number[] = [];
  const place = (i: number) => places.get(ids[i])!;
  ids.forEach((_, i) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (place(tails[middle]) < place(i)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    before[i] = low > 0 ? tails[low - 1] : -1;
    tails[low] = i;
  });
  const longest = new Set<string>();
  for (let i = tails.length ? tails[tails.length - 1] : -1; i >= 0; i = before[i]) {
    longest.add(ids[i]);
  }
  return longest;
}
