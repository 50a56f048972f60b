import type { CellList, INotebookModel } from '@jupyterlab/notebook';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Graph } from './graph';
import type { IStatus, Statuses } from './protocol';

/**
 * What the kernel says of the cells of a notebook, and which show outputs of other code.
 */
export class CellStatuses {
  constructor(model: INotebookModel, graph: Graph) {
    this._cells = model.cells;
    this._graph = graph;
    this._cells.changed.connect(this._onCellsChanged, this);
  }

  /** Emitted with the ids of the cells whose status changed; null stands for all. */
  get changed(): ISignal<this, readonly string[] | null> {
    return this._changed;
  }

  /** Whether cells of a run are running or still to come. */
  get isRunning(): boolean {
    return this._inOrder(({ state }) => state === 'queued' || state === 'running').length > 0;
  }

  /** The place of a cell in the notebook; -1 where it is not. */
  place(id: string): number {
    return this._ids.indexOf(id);
  }

  /** The status of a cell, if the kernel knows it. */
  get(id: string): IStatus | null {
    return this._statuses.get(id) ?? null;
  }

  /**
   * The ids of the stale cells that would be fresh once they have run, in notebook order: not those
   * that run only when they are asked for, nor what waits for such.
   */
  stale(): string[] {
    const waiting = new Set<string>();
    for (const [id, { held, state }] of this._statuses) {
      if (held && state !== 'fresh') {
        waiting.add(id);
        this._graph.downstream(id).forEach(below => waiting.add(below));
      }
    }
    return this._inOrder(({ state }) => state === 'stale').filter(id => !waiting.has(id));
  }

  /** Whether a cell that has not run shows outputs of other code than the cells have now. */
  isOutdated(id: string): boolean {
    return this._outdated.has(id);
  }

  /** Note which cells that have not run show outputs of other code than the cells have now. */
  setOutdated(outdated: Set<string>): void {
    const were = this._outdated;
    const changed = [...were, ...outdated].filter(id => were.has(id) !== outdated.has(id));
    if (changed.length > 0) {
      this._outdated = outdated;
      this._changed.emit(changed);
    }
  }

  /** Take in the statuses of all cells. */
  reset(statuses: Statuses): void {
    this._statuses = new Map(Object.entries(statuses));
    this._changed.emit(null);
  }

  /** Take in those that are others now. */
  update(statuses: Statuses): void {
    for (const [id, status] of Object.entries(statuses)) {
      this._statuses.set(id, status);
    }
    this._changed.emit(Object.keys(statuses));
  }

  /** The cells of the notebook that have a status of some kind. */
  private _inOrder(isWanted: (status: IStatus) => boolean): string[] {
    const wanted = new Set<string>();
    for (const [id, status] of this._statuses) {
      if (isWanted(status)) {
        wanted.add(id);
      }
    }
    return wanted.size === 0 ? [] : this._ids.filter(id => wanted.has(id));
  }

  private _onCellsChanged(): void {
    this._knownIds = null;
  }

  /** The ids of the cells, in notebook order; to read them takes long. */
  private get _ids(): readonly string[] {
    return (this._knownIds ??= Array.from(this._cells, cell => cell.id));
  }

  private _cells: CellList;

  private _changed = new Signal<this, readonly string[] | null>(this);
  private _graph: Graph;
  private _knownIds: readonly string[] | null = null;
  private _outdated = new Set<string>();
  private _statuses = new Map<string, IStatus>();
}
