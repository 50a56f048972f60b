import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { goToCell, markedState } from '../cells';
import type { MarkedState } from '../icons';
import type { ReactiveNotebook } from '../notebook';
import type { Event } from '../protocol';
import type { IReactiveTracker } from '../tokens';

/** How long after the last change of a cell's contents the parts look at them, in milliseconds. */
const CONTENTS_DELAY = 300;

/**
 * What can be another:
 *
 * - `notebook`: which one is in front, or its connection, and so all else;
 * - `cells`: which there are, and their order;
 * - `contents`: what is in a cell, or in its metadata;
 * - `active`: which cell is active;
 * - `graph`, `status`: what the kernel tells of the cells;
 * - `run`: a run has ended.
 */
export type Change = 'notebook' | 'cells' | 'contents' | 'active' | 'graph' | 'status' | 'run';

/**
 * The notebook in front, as the parts of the panel look at it.
 */
export class Subject implements IDisposable {
  constructor(
    notebooks: INotebookTracker,
    tracker: IReactiveTracker,
    shell: JupyterFrontEnd.IShell
  ) {
    this._notebooks = notebooks;
    this._tracker = tracker;
    this._shell = shell;
    tracker.currentChanged.connect(this._follow, this);
    this._follow();
  }

  /** The panel of the notebook in front, if the kernel follows that. */
  get panel(): NotebookPanel | null {
    return this._reactive?.connection === 'open' ? this._panel : null;
  }

  /** What the kernel knows of it. */
  get reactive(): ReactiveNotebook | null {
    return this._reactive?.connection === 'open' ? this._reactive : null;
  }

  /** The id of the active cell. */
  get active(): string | null {
    return this.panel?.content.activeCell?.model.id ?? null;
  }

  /** Whether cells are being run that the kernel has named. */
  get isRunning(): boolean {
    return this._runs.size > 0;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Emitted when something is another. */
  get changed(): ISignal<this, Change> {
    return this._changed;
  }

  /** How a code cell stands; null where there is nothing to run, and for what is no code. */
  state(model: ICodeCellModel): MarkedState | null {
    const state = this.reactive && markedState(model, this.reactive);
    return state === 'idle' ? null : state;
  }

  /**
   * Make a cell the active one, and show it.
   */
  goTo(id: string): void {
    if (this.panel) {
      this._shell.activateById(this.panel.id);
      goToCell(this.panel.content, id);
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      window.clearTimeout(this._timer);
      Signal.clearData(this);
    }
  }

  /** Look at the notebook that is in front now. */
  private _follow(): void {
    const reactive = this._tracker.current;
    const panel = reactive && this._notebooks.currentWidget;
    if (panel === this._panel && reactive === this._reactive) {
      return;
    }
    Signal.disconnectReceiver(this);
    this._tracker.currentChanged.connect(this._follow, this);
    this._panel = panel;
    this._reactive = reactive;
    this._runs.clear();
    if (panel) {
      panel.content.activeCellChanged.connect(this._onActiveCellChanged, this);
      reactive.model.cells.changed.connect(this._onCellsChanged, this);
      reactive.model.contentChanged.connect(this._onContentChanged, this);
      reactive.stateChanged.connect(this._onStateChanged, this);
      reactive.statuses.changed.connect(this._onStatusChanged, this);
      reactive.graphChanged.connect(this._onGraphChanged, this);
      reactive.event.connect(this._onEvent, this);
    }
    this._changed.emit('notebook');
  }

  private _onActiveCellChanged(): void {
    this._changed.emit('active');
  }

  private _onCellsChanged(): void {
    this._changed.emit('cells');
  }

  private _onContentChanged(): void {
    window.clearTimeout(this._timer);
    this._timer = window.setTimeout(() => this._changed.emit('contents'), CONTENTS_DELAY);
  }

  private _onGraphChanged(): void {
    this._changed.emit('graph');
  }

  private _onStateChanged(): void {
    this._runs.clear();
    this._changed.emit('notebook');
  }

  private _onStatusChanged(): void {
    this._changed.emit('status');
  }

  private _onEvent(_: ReactiveNotebook, event: Event): void {
    if (event.type === 'run_started') {
      this._runs.add(event.run);
    } else if (event.type === 'run_finished') {
      this._runs.delete(event.run);
      this._changed.emit('run');
    }
  }

  private _changed = new Signal<this, Change>(this);
  private _isDisposed = false;
  private _notebooks: INotebookTracker;
  private _panel: NotebookPanel | null = null;
  private _reactive: ReactiveNotebook | null = null;
  private _runs = new Set<string>();
  private _shell: JupyterFrontEnd.IShell;
  private _timer = 0;
  private _tracker: IReactiveTracker;
}
