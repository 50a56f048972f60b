import { sameTags } from './document';
import type { ICell, Op } from './protocol';

/**
 * The operations that lead from one snapshot of a document to another.
 *
 * @param resting - A cell that is not moved if it is in both: the others move around it.
 *
 * #### Notes
 * Cells that keep their relative order are not moved: the longest such sequence stays.
 */
export function diff(
  before: readonly ICell[],
  after: readonly ICell[],
  resting: string | null = null
): Op[] {
  const old = new Map(before.map(cell => [cell.id, cell]));
  return [...structure(before, after, old, resting), ...updates(after, old)];
}

/** Deletions, creations and moves. */
function structure(
  before: readonly ICell[],
  after: readonly ICell[],
  old: ReadonlyMap<string, ICell>,
  pinned: string | null
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
  let common = after.filter(({ id }) => old.has(id)).map(({ id }) => id);
  const pin = pinned === null ? undefined : places.get(pinned);
  if (pinned !== null && pin !== undefined) {
    // Of what is in order with it, no longest sequence leaves it out.
    const at = common.indexOf(pinned);
    common = common.filter((id, i) => i === at || i < at === places.get(id)! < pin);
  }
  const resting = longestIncreasing(common, places);
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
    if (!sameTags(was.tags, cell.tags)) {
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
