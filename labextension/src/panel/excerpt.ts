import type { Graph } from '../graph';

/** An edge between two cells that are both there. */
export interface ILink {
  from: string;
  to: string;
  names: readonly string[];
}

/**
 * A cell with the nearest of what it depends on and of what depends on it, up to a number of cells.
 *
 * @param ids - The cells in notebook order, as which those found are returned.
 */
export function around(
  start: string | null,
  ids: readonly string[],
  graph: Graph,
  most: number
): string[] {
  const known = new Set(ids);
  if (start === null || !known.has(start)) {
    return [];
  }
  const up = (id: string) => graph.dependencies(id);
  const down = (id: string) => graph.dependents(id);
  const found = new Set([start]);
  const pending = [
    { id: start, neighbours: up },
    { id: start, neighbours: down }
  ];
  // What is added while this goes through it is gone through as well.
  for (const { id, neighbours } of pending) {
    for (const other of neighbours(id).keys()) {
      if (found.size < most && known.has(other) && !found.has(other)) {
        found.add(other);
        pending.push({ id: other, neighbours });
      }
    }
  }
  return ids.filter(id => found.has(id));
}

/**
 * The edges among some cells.
 */
export function linksAmong(ids: readonly string[], graph: Graph): ILink[] {
  const known = new Set(ids);
  return ids.flatMap(from =>
    [...graph.dependents(from)]
      .filter(([to]) => known.has(to))
      .map(([to, names]) => ({ from, to, names }))
  );
}
