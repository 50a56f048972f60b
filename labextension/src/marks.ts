import type { Cell, ICellModel, ICodeCellModel } from '@jupyterlab/cells';
import { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { BeforePaint } from './frames';
import type { MarkedState } from './icons';
import { stateIcons } from './icons';
import type { ReactiveNotebook } from './notebook';
import type { IStatus } from './protocol';
import { describe } from './reasons';

const MARK_CLASS = 'jp-ReactiveMark';

/**
 * Shows on each cell of a panel how it stands.
 *
 * #### Notes
 * A windowed notebook attaches and detaches the nodes of cells, but keeps their widgets; the
 * mark is a child of the cell's node and goes with it.
 */
export class Marks implements IDisposable {
  constructor(panel: NotebookPanel, reactive: ReactiveNotebook, translator: ITranslator) {
    this._panel = panel;
    this._reactive = reactive;
    this._trans = translator.load('reactive_kernel');
    reactive.statusChanged.connect(this._onStatusChanged, this);
    panel.content.modelContentChanged.connect(this._onContentChanged, this);
    this._schedule(null);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._paint.dispose();
      Signal.clearData(this);
    }
  }

  private _onStatusChanged(_: ReactiveNotebook, ids: readonly string[] | null): void {
    this._schedule(ids);
  }

  private _onContentChanged(): void {
    // Cells may have come, or have got another widget with their type.
    this._schedule([]);
  }

  private _onCellStateChanged(cell: ICellModel, { name }: { name: string }): void {
    if (name === 'executionCount' || name === 'executionState') {
      this._schedule([cell.id]);
    }
  }

  /** Update the marks of these cells, and of those that have none, once a frame. */
  private _schedule(ids: readonly string[] | null): void {
    if (ids === null || this._due === 'all') {
      this._due = 'all';
    } else {
      ids.forEach(id => (this._due as Set<string>).add(id));
    }
    this._paint.request();
  }

  private _update(): void {
    const due = this._due;
    this._due = new Set();
    if (this._panel.isDisposed) {
      return;
    }
    const labels = this._labels();
    for (const cell of this._panel.content.widgets) {
      if (
        cell instanceof CodeCell &&
        (due === 'all' || !this._marks.has(cell) || (due.size > 0 && due.has(cell.model.id)))
      ) {
        this._mark(cell, labels);
      }
    }
  }

  private _mark(cell: CodeCell, labels: () => Map<string, string>): void {
    let mark = this._marks.get(cell);
    if (!mark) {
      mark = new Mark();
      this._marks.set(cell, mark);
      cell.node.appendChild(mark.node);
      cell.model.stateChanged.connect(this._onCellStateChanged, this);
    }
    const status = this._reactive.status(cell.model.id);
    if (status && isOfAnotherRun(cell.model, status)) {
      const text = this._trans.__('Outdated: its last run was not seen here; run it to show it');
      mark.show('outdated', text);
    } else if (status && status.state in stateIcons) {
      const text = describe(status, this._trans, id => labels().get(id) ?? null);
      mark.show(status.state, text);
    } else {
      mark.hide();
    }
  }

  /** How cells are called in a reason: by the prompt, or by their place if they have none. */
  private _labels(): () => Map<string, string> {
    let labels: Map<string, string> | null = null;
    return () => {
      labels ??= new Map(
        this._panel.content.widgets.map((cell, index) => {
          const count = cell instanceof CodeCell ? cell.model.executionCount : null;
          return [
            cell.model.id,
            count === null ? this._trans.__('no. %1', index + 1) : `[${count}]`
          ];
        })
      );
      return labels;
    };
  }

  private _due: Set<string> | 'all' = new Set();
  private _isDisposed = false;
  private _marks = new WeakMap<Cell, Mark>();
  private _paint = new BeforePaint(() => this._update());
  private _panel: NotebookPanel;
  private _reactive: ReactiveNotebook;
  private _trans: TranslationBundle;
}

/**
 * Whether a cell is fresh, and what it shows is not what its last run put out: it ran on a page
 * that did not save, or before this one was opened.
 */
function isOfAnotherRun(cell: ICodeCellModel, { state, execution_count }: IStatus): boolean {
  return (
    state === 'fresh' &&
    cell.executionState !== 'running' &&
    cell.executionCount !== execution_count
  );
}

/**
 * The mark of one cell: an icon below the prompt, with text for those who do not see it.
 */
class Mark {
  constructor() {
    this.node.className = MARK_CLASS;
    this.node.hidden = true;
    this._icon.className = `${MARK_CLASS}-icon`;
    this._text.className = `${MARK_CLASS}-text`;
    this.node.append(this._icon, this._text);
  }

  readonly node = document.createElement('div');

  show(state: MarkedState, text: string): void {
    if (this.node.dataset.state !== state) {
      this.node.dataset.state = state;
      stateIcons[state]?.element({ container: this._icon });
    }
    this.node.hidden = false;
    this.node.title = text;
    this._text.textContent = text;
  }

  hide(): void {
    this.node.hidden = true;
    delete this.node.dataset.state;
  }

  private _icon = document.createElement('span');
  private _text = document.createElement('span');
}
