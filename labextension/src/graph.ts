import type { IEdge, IGraph, IGraphChanged, IProblem } from './protocol';

/** By cell, the cells at the other ends of its edges, with the names that the edges stand for. */
type Neighbours = Map<string, Map<string, readonly string[]>>;

const NONE: ReadonlyMap<string, readonly string[]> = new Map();

/** Names that a cell reads and that only cells below it define. */
export interface IDefinedBelow {
  names: readonly string[];
  /** The cells that define them. */
  cells: readonly string[];
}

/**
 * Which cells depend on which, as the kernel's messages add up to it.
 */
export class Graph {
  /** The cells that a cell depends on, directly or through others. */
  upstream(id: string): Set<string> {
    return reachable(id, this._above);
  }

  /** The cells that depend on a cell, directly or through others. */
  downstream(id: string): Set<string> {
    return reachable(id, this._below);
  }

  /** The cells that a cell itself depends on, with the names that it takes from each. */
  dependencies(id: string): ReadonlyMap<string, readonly string[]> {
    return this._above.get(id) ?? NONE;
  }

  /** The cells that themselves depend on a cell, with the names that each takes from it. */
  dependents(id: string): ReadonlyMap<string, readonly string[]> {
    return this._below.get(id) ?? NONE;
  }

  /** What a cell reads that only cells below it define, if there is such a thing. */
  definedBelow(id: string): IDefinedBelow | null {
    return this._definedBelow.get(id) ?? null;
  }

  /** The cells that read what only cells below them define. */
  get tooEarly(): string[] {
    return [...this._definedBelow.keys()];
  }

  /** Take in a whole graph in place of this one. */
  reset({ edges, problems }: Pick<IGraph, 'edges' | 'problems'>): void {
    this._above.clear();
    this._below.clear();
    this._add(edges);
    this._setProblems(problems);
  }

  /** Take in what has changed. */
  update({
    edges,
    removed,
    problems
  }: Pick<IGraphChanged, 'edges' | 'removed' | 'problems'>): void {
    for (const { from, to } of removed) {
      this._below.get(from)?.delete(to);
      this._above.get(to)?.delete(from);
    }
    this._add(edges);
    this._setProblems(problems);
  }

  private _setProblems(problems: readonly IProblem[]): void {
    this._definedBelow.clear();
    for (const { kind, cells, names } of problems) {
      const [reader, ...definers] = cells;
      if (kind === 'defined_below') {
        this._definedBelow.set(reader, { names, cells: definers });
      }
    }
  }

  private _add(edges: readonly IEdge[]): void {
    for (const { from, to, names } of edges) {
      add(this._below, from, to, names);
      add(this._above, to, from, names);
    }
  }

  private _above: Neighbours = new Map();
  private _below: Neighbours = new Map();
  private _definedBelow = new Map<string, IDefinedBelow>();
}

function add(neighbours: Neighbours, one: string, other: string, names: readonly string[]): void {
  const known = neighbours.get(one);
  if (known) {
    known.set(other, names);
  } else {
    neighbours.set(one, new Map([[other, names]]));
  }
}

function reachable(id: string, neighbours: Neighbours): Set<string> {
  const found = new Set<string>();
  const pending = [id];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const other of neighbours.get(next)?.keys() ?? []) {
      if (!found.has(other)) {
        found.add(other);
        pending.push(other);
      }
    }
  }
  return found;
}
