import type { ISharedCell, ISharedNotebook, SharedCell } from '@jupyter/ydoc';
import type { CellList, INotebookModel } from '@jupyterlab/notebook';
import type { ICellModel } from '@jupyterlab/cells';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { diff } from './diff';
import type { CellType, ICell, Op } from './protocol';

/** How long text must rest before it is sent, in milliseconds. */
const TEXT_DELAY = 200;

/** How long to gather cells that come, go and move, in milliseconds. */
const STRUCTURE_DELAY = 10;

/**
 * Turns what happens to a notebook into operations, and operations into what happens to it.
 *
 * #### Notes
 * The notebook's events say only that something changed. What changed is the difference
 * between the snapshot that the kernel has and one taken now; so a cell that is removed and
 * added again at once has moved, and nothing that undo or a paste does needs a rule.
 */
export class Mirror implements IDisposable {
  constructor(model: INotebookModel) {
    this._model = model;
    model.cells.changed.connect(this._onCellsChanged, this);
    this._listen();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Emitted with the operations that the kernel has not heard of. */
  get changed(): ISignal<this, Op[]> {
    return this._changed;
  }

  /**
   * Take the notebook as it is for what the kernel has, and follow it from here.
   *
   * @returns The snapshot.
   */
  reset(): readonly ICell[] {
    this._cancel();
    this._held = false;
    this._dirty = 'all';
    this._sent = this._snapshot();
    return this._sent;
  }

  /**
   * Like `reset`, but emit nothing before the kernel has said what it has.
   */
  hold(): readonly ICell[] {
    const cells = this.reset();
    this._held = true;
    return cells;
  }

  /**
   * Go on after `hold`: make the notebook hold the kernel's cells, and emit what was changed
   * here meanwhile.
   *
   * @param cells What the kernel has; null if that is what it was sent.
   */
  release(cells: readonly ICell[] | null): void {
    this._held = false;
    if (cells && this._sent) {
      this._applyToNotebook(diff(this._sent, cells));
      this._sent = cells;
      this._dirty = 'all';
    }
    this.flush();
  }

  /**
   * Emit what has changed now instead of when the text rests.
   */
  flush(): void {
    this._cancel();
    if (this._isDisposed || this._held || !this._sent) {
      return;
    }
    const now = this._snapshot();
    const ops = diff(this._sent, now);
    this._sent = now;
    if (ops.length) {
      this._changed.emit(ops);
    }
  }

  /**
   * The cells as the kernel should have them, with everything flushed; read anew, so that a
   * change without an event is found too.
   */
  cells(): readonly ICell[] {
    this._dirty = 'all';
    this.flush();
    return this._sent ?? this._snapshot();
  }

  /**
   * Apply operations of others to the notebook.
   *
   * #### Notes
   * They come as one change that the user's undo does not see, and are not emitted again.
   * An operation for a cell that is gone is passed over.
   */
  apply(ops: readonly Op[]): void {
    this.flush();
    this._applyToNotebook(ops);
    this.reset();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._cancel();
    Signal.clearData(this);
  }

  private _applyToNotebook(ops: readonly Op[]): void {
    const notebook = this._model.sharedModel;
    notebook.transact(
      () => {
        const editor = new Editor(notebook);
        ops.forEach(op => editor.apply(op));
      },
      false,
      'reactive-kernel'
    );
  }

  private _onCellsChanged(_: CellList): void {
    // The list is complete only after all events of this change.
    this._restructured = true;
    this._schedule(STRUCTURE_DELAY);
  }

  private _onSharedCellChanged(cell: { getId(): string }, change: object): void {
    if ('sourceChange' in change) {
      this._touch(cell.getId());
    }
  }

  private _onMetadataChanged(cell: ICellModel, change: { key?: string }): void {
    if (change.key === 'tags' || change.key === undefined) {
      this._touch(cell.id);
    }
  }

  private _touch(id: string): void {
    if (this._dirty !== 'all') {
      this._dirty.add(id);
    }
    this._schedule(TEXT_DELAY);
  }

  private _schedule(delay: number): void {
    if (this._timer !== null && this._restructured && delay === TEXT_DELAY) {
      return; // What is under way is sooner.
    }
    this._cancel();
    this._timer = window.setTimeout(() => this.flush(), delay);
  }

  private _cancel(): void {
    window.clearTimeout(this._timer ?? undefined);
    this._timer = null;
  }

  /**
   * The cells now; those that were not touched are the very objects of the last snapshot.
   */
  private _snapshot(): readonly ICell[] {
    const dirty = this._dirty;
    if (!this._restructured && dirty !== 'all' && dirty.size === 0 && this._sent) {
      return this._sent;
    }
    if (this._restructured) {
      this._listen();
    }
    const known = new Map<string, ICell>();
    if (dirty !== 'all') {
      this._sent?.forEach(cell => known.set(cell.id, cell));
    }
    const cells: ICell[] = [];
    for (const model of this._model.cells) {
      const cell = known.get(model.id);
      const unchanged =
        cell && dirty !== 'all' && !dirty.has(cell.id) && cell.cell_type === model.type;
      cells.push(unchanged ? cell : readCell(model));
    }
    this._dirty = new Set();
    this._restructured = false;
    return cells;
  }

  /**
   * Listen to the cells that came since.
   */
  private _listen(): void {
    for (const cell of this._model.cells) {
      if (!this._heard.has(cell)) {
        this._heard.add(cell);
        cell.sharedModel.changed.connect(this._onSharedCellChanged, this);
        cell.metadataChanged.connect(this._onMetadataChanged, this);
        if (this._dirty !== 'all') {
          this._dirty.add(cell.id);
        }
      }
    }
  }

  private _changed = new Signal<this, Op[]>(this);
  private _dirty: Set<string> | 'all' = 'all';
  private _held = false;
  private _heard = new WeakSet<ICellModel>();
  private _isDisposed = false;
  private _model: INotebookModel;
  private _restructured = false;
  private _sent: readonly ICell[] | null = null;
  private _timer: number | null = null;
}

function readCell(model: ICellModel): ICell {
  const tags: unknown = model.getMetadata('tags');
  return {
    id: model.id,
    cell_type: model.type as CellType,
    source: model.sharedModel.getSource(),
    tags: Array.isArray(tags) ? tags.filter(tag => typeof tag === 'string') : []
  };
}

/**
 * Applies operations to a shared notebook within one transaction.
 *
 * #### Notes
 * The notebook's own list of cells follows only when the transaction is over.
 */
class Editor {
  constructor(notebook: ISharedNotebook) {
    this._notebook = notebook;
    this._cells = [...notebook.cells];
  }

  apply(op: Op): void {
    const at = this._find(op.op === 'create_cell' ? op.cell.id : op.cell_id);
    if (op.op === 'create_cell') {
      if (at < 0) {
        const { tags, ...cell } = op.cell;
        const metadata = tags.length ? { tags } : {};
        this._insert(op.index ?? this._cells.length, { ...cell, metadata });
      } else {
        this._update(at, op.cell);
      }
    } else if (at >= 0) {
      if (op.op === 'update_cell') {
        this._update(at, op);
      } else {
        const raw = this._cells[at].toJSON();
        if (op.op === 'delete_cell') {
          this._delete(at);
        } else if (op.index !== at) {
          this._delete(at);
          this._insert(op.index, raw);
        }
      }
    }
  }

  private _find(id: string): number {
    return this._cells.findIndex(cell => cell.getId() === id);
  }

  private _insert(index: number, raw: SharedCell.Cell): void {
    index = Math.min(index, this._cells.length);
    this._cells.splice(index, 0, this._notebook.insertCell(index, raw));
  }

  private _delete(at: number): void {
    this._cells.splice(at, 1);
    this._notebook.deleteCell(at);
  }

  private _update(at: number, { cell_type, source, tags }: Partial<ICell>): void {
    if (cell_type !== undefined && cell_type !== this._cells[at].cell_type) {
      const { id, metadata } = this._cells[at].toJSON();
      const text = this._cells[at].getSource();
      this._delete(at);
      this._insert(at, { id, cell_type, source: text, metadata });
    }
    const cell = this._cells[at];
    if (source !== undefined) {
      const { start, end, value } = difference(cell.getSource(), source);
      if (start < end || value) {
        cell.updateSource(start, end, value);
      }
    }
    if (tags?.length) {
      cell.setMetadata('tags', tags);
    } else if (tags) {
      cell.deleteMetadata('tags');
    }
  }

  private _cells: ISharedCell[];
  private _notebook: ISharedNotebook;
}

/**
 * The middle in which two texts differ: `before[start:end]` becomes `value`.
 *
 * #### Notes
 * A surrogate pair is never cut in two, since the shared text would lose its halves.
 */
export function difference(
  before: string,
  after: string
): { start: number; end: number; value: string } {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) {
    start++;
  }
  if (start > 0 && /[\ud800-\udbff]/.test(before[start - 1])) {
    start--;
  }
  let tail = 0;
  while (
    tail < shorter - start &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail++;
  }
  if (tail > 0 && /[\udc00-\udfff]/.test(before[before.length - tail])) {
    tail--;
  }
  return { start, end: before.length - tail, value: after.slice(start, after.length - tail) };
}
