import type { IStatus } from './protocol';

/**
 * Which stale cells are stale because of which cell: one that was edited, moved, or has run with
 * another result.
 *
 * @param stale - The stale cells, in notebook order.
 * @returns By the cell that is the cause, the others that are stale because of it, in order.
 */
export function affectedCells(
  stale: readonly string[],
  status: (id: string) => IStatus | null
): Map<string, string[]> {
  const isStale = new Set(stale);
  const origins = new Map<string, ReadonlySet<string>>();
  const affected = new Map<string, string[]>();
  // A cause is above what it affects, so what is found of it is complete.
  for (const id of stale) {
    const found = new Set<string>();
    for (const { cell, kind } of status(id)?.reasons ?? []) {
      if (cell === null || kind === 'edited') {
        found.add(id);
      } else if (isStale.has(cell)) {
        (origins.get(cell) ?? [cell]).forEach(origin => found.add(origin));
      } else {
        found.add(cell);
      }
    }
    origins.set(id, found);
    for (const origin of found) {
      if (origin !== id) {
        const others = affected.get(origin) ?? [];
        others.push(id);
        affected.set(origin, others);
      }
    }
  }
  return affected;
}
