import type { Graph } from '../graph';

/** A cell with more dependents than this is a hub: its arcs would hide all others. */
const HUB = 8;

/** How many rows an arc is looked up by together. */
const BLOCK = 64;

/** An arc from the row of a cell down to that of one that depends on it. */
export interface IArc {
  from: number;
  to: number;
}

/**
 * The arcs between the rows of a notebook, found by the rows that are in view.
 */
export class Arcs {
  /**
   * @param ids - The cells in notebook order.
   * @param graph - What depends on what.
   */
  constructor(ids: readonly string[], graph: Graph) {
    const rows = new Map(ids.map((id, row) => [id, row]));
    ids.forEach((id, from) => {
      const dependents = graph.dependents(id);
      if (dependents.size > HUB) {
        this._hubs.set(id, dependents.size);
        return;
      }
      for (const other of dependents.keys()) {
        const to = rows.get(other);
        if (to !== undefined) {
          this._add({ from, to });
        }
      }
    });
  }

  /** How many cells depend on a cell whose arcs are left out, since they are too many; else 0. */
  folded(id: string): number {
    return this._hubs.get(id) ?? 0;
  }

  /** The arcs that begin, pass or end at these rows. */
  between(first: number, last: number): IArc[] {
    const found = new Set<IArc>();
    for (let block = blockOf(first); block <= blockOf(last); block++) {
      for (const arc of this._blocks.get(block) ?? []) {
        if (arc.from <= last && arc.to >= first) {
          found.add(arc);
        }
      }
    }
    return [...found];
  }

  private _add(arc: IArc): void {
    for (let block = blockOf(arc.from); block <= blockOf(arc.to); block++) {
      const known = this._blocks.get(block);
      if (known) {
        known.push(arc);
      } else {
        this._blocks.set(block, [arc]);
      }
    }
  }

  private _blocks = new Map<number, IArc[]>();
  private _hubs = new Map<string, number>();
}

/** The arcs between one cell and those on one side of it. */
export interface IFan {
  /** The rows of those on the other side. */
  rows: ReadonlySet<number>;
  /** The one that is furthest away. */
  end: number;
}

/**
 * The arcs of one row; null if there are none.
 */
export function fan(row: number, others: Iterable<number>): IFan | null {
  const rows = new Set(others);
  let end = row;
  for (const other of rows) {
    end = Math.abs(other - row) > Math.abs(end - row) ? other : end;
  }
  return rows.size ? { rows, end } : null;
}

/**
 * How far out an arc goes, as a share of the room that there is: the longer the further, so that
 * arcs within others keep apart.
 */
export function reach({ from, to }: IArc): number {
  return Math.min(1, (2 + Math.log2(to - from)) / 9);
}

function blockOf(row: number): number {
  return Math.floor(row / BLOCK);
}
