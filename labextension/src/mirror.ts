import type { ISharedCell, ISharedNotebook, SharedCell } from '@jupyter/ydoc';
import { YNotebook } from '@jupyter/ydoc';
import type { CellList, INotebookModel } from '@jupyterlab/notebook';
import type { ICellModel } from '@jupyterlab/cells';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { diff } from './diff';
import { digest } from './digest';
import { applyOps } from './document';
import { merge } from './merge';
import type { CellType, ICell, Op } from './protocol';

/** How long text must rest before it is sent, in milliseconds. */
const TEXT_DELAY = 200;

/** How long to gather cells that come, go and move, in milliseconds. */
const STRUCTURE_DELAY = 10;

/** How long to wait for the page of whoever changed a shared notebook to send it, likewise. */
const SHARED_DELAY = 1000;

/** How many states of the document are remembered. */
const PAST = 50;

/**
 * Turns what happens to a notebook into operations, and operations into what happens to it.
 *
 * #### Notes
 * The notebook's events say only that something changed. What changed is the difference
 * between the document that the kernel has and a snapshot taken now; so a cell that is removed
 * and added again at once has moved, nothing that undo or a paste does needs a rule, and what
 * the kernel has heard from elsewhere is not sent again.
 */
export class Mirror implements IDisposable {
  /**
   * @param model - The notebook.
   * @param edited - Tells the cell in which somebody is typing, which is never moved.
   */
  constructor(model: INotebookModel, edited: () => string | null = () => null) {
    this._model = model;
    this._edited = edited;
    model.cells.changed.connect(this._onCellsChanged, this);
    const { sharedModel } = model;
    if (model.collaborative && sharedModel instanceof YNotebook) {
      const { ydoc } = sharedModel;
      ydoc.on('beforeObserverCalls', this._onTransaction);
      ydoc.on('afterTransaction', this._onTransactionEnd);
    }
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
   * The cells that the kernel is about to be given as its document; nothing is emitted before it
   * has said what it has.
   */
  hold(): readonly ICell[] {
    this._cancel();
    this._held = true;
    this._dirty = 'all';
    this._offered = this._snapshot();
    this._base ??= this._offered;
    this._unanswered = [];
    return this._offered;
  }

  /**
   * Go on after `hold`, and emit what was changed here meanwhile, and what the kernel was not
   * told of before: it may be another than that which had the notebook last.
   *
   * @param cells - What the kernel has; null if that is what it was given.
   * @param apply - Whether the notebook is to be put in step with it.
   */
  release(cells: readonly ICell[] | null, apply = true): void {
    this._held = false;
    if (cells === null) {
      this._setBase(this._offered);
    } else {
      this._take(cells, apply);
    }
    if (apply) {
      this.flush();
    } else {
      this._dirty = 'all';
      this._schedule(SHARED_DELAY);
    }
  }

  /**
   * Emit what has changed now instead of when the text rests.
   */
  flush(): void {
    this._cancel();
    if (this._isDisposed || this._held || !this._base) {
      return;
    }
    const now = this._snapshot();
    const ops = diff(this._expected(), now);
    if (ops.length) {
      this._unanswered.push(ops);
      this._changed.emit(ops);
    }
  }

  /**
   * Take in the kernel's answer to the first unanswered operations that were emitted.
   *
   * @param accepted - Whether it has applied them.
   */
  settle(accepted: boolean): void {
    const ops = this._unanswered.shift();
    if (accepted && ops && this._base) {
      this._setBase(applyOps(this._base, ops) ?? this._base);
    }
  }

  /**
   * The cells as the kernel should have them, with everything flushed; read anew, so that a
   * change without an event is found too.
   */
  cells(): readonly ICell[] {
    this._dirty = 'all';
    this.flush();
    return this._snapshot();
  }

  /**
   * Whether these were the cells, here or in the kernel, at one of the last changes.
   */
  hasHeld(cells: readonly ICell[]): boolean {
    const wanted = digest(cells);
    return [this._snapshot(), ...this._past].some(past => digest(past) === wanted);
  }

  /**
   * Take in operations of others, which the kernel applied before those that are unanswered.
   *
   * @param apply - Whether the notebook is to follow; a shared one may have done so already.
   * @returns Whether they make sense: if not, something was missed.
   *
   * #### Notes
   * They come as one change that the user's undo does not see. What was typed here and the
   * kernel has not heard of is kept, and sent again if need be.
   */
  apply(ops: readonly Op[], apply = true): boolean {
    const after = this._base && applyOps(this._base, ops);
    if (after) {
      this._take(after, apply);
      if (apply) {
        this._schedule(STRUCTURE_DELAY);
      }
    }
    return after !== null;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._cancel();
    const { sharedModel } = this._model;
    if (sharedModel instanceof YNotebook) {
      sharedModel.ydoc.off('beforeObserverCalls', this._onTransaction);
      sharedModel.ydoc.off('afterTransaction', this._onTransactionEnd);
    }
    Signal.clearData(this);
  }

  /** Take what the kernel has now. */
  private _take(cells: readonly ICell[], apply: boolean): void {
    const base = this._base ?? cells;
    this._setBase(cells);
    const now = this._snapshot();
    const merged = merge(base, cells, now);
    if (apply) {
      this._applyToNotebook(diff(now, merged, this._edited()));
    } else {
      // The notebook will say so when it comes to this; until then it is not to be taken back.
      this._now = merged;
    }
  }

  private _setBase(cells: readonly ICell[]): void {
    this._base = cells;
    this._past = [cells, ...this._past.slice(0, PAST - 1)];
  }

  /** What the kernel will have when it has answered. */
  private _expected(): readonly ICell[] {
    return this._unanswered.reduce<readonly ICell[]>(
      (cells, ops) => applyOps(cells, ops) ?? cells,
      this._base ?? []
    );
  }

  private _applyToNotebook(ops: readonly Op[]): void {
    if (ops.length === 0) {
      return;
    }
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

  private _onTransaction = ({ local }: { local: boolean }): void => {
    this._remote = !local;
  };

  private _onTransactionEnd = (): void => {
    this._remote = false;
  };

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
    if (this._remote) {
      delay = SHARED_DELAY;
    }
    if (this._timer !== null && this._delay < delay) {
      return; // What is under way is sooner.
    }
    this._cancel();
    this._delay = delay;
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
    if (!this._restructured && dirty !== 'all' && dirty.size === 0) {
      return this._now;
    }
    if (this._restructured) {
      this._listen();
    }
    const known = new Map<string, ICell>();
    if (dirty !== 'all') {
      this._now.forEach(cell => known.set(cell.id, cell));
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
    this._now = cells;
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

  private _base: readonly ICell[] | null = null;
  private _changed = new Signal<this, Op[]>(this);
  private _delay = 0;
  private _dirty: Set<string> | 'all' = 'all';
  private _edited: () => string | null;
  private _held = false;
  private _heard = new WeakSet<ICellModel>();
  private _isDisposed = false;
  private _model: INotebookModel;
  private _now: readonly ICell[] = [];
  private _offered: readonly ICell[] = [];
  private _past: (readonly ICell[])[] = [];
  private _remote = false;
  private _restructured = false;
  private _timer: number | null = null;
  private _unanswered: Op[][] = [];
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
