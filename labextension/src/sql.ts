import type { Cell } from '@jupyterlab/cells';
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { BeforePaint } from './frames';
import type { ReactiveNotebook } from './notebook';

const CONNECTION_CLASS = 'jp-ReactiveConnection';
const SQL_MIMETYPE = 'text/x-sql';

/** The connection of cells that name none. */
const OWN = 'duckdb';

/** Words that may stand in the place of a connection's name, and begin a statement. */
const FIRST_WORDS = new Set(
  (
    'alter analyze attach begin call checkpoint comment commit copy create deallocate delete desc ' +
    'describe detach drop end execute explain export from grant import insert install load merge ' +
    'pivot pragma prepare refresh release replace reset revoke rollback savepoint select set show ' +
    'start summarize table truncate unpivot update use vacuum values with'
  ).split(' ')
);

/**
 * Return the connection that a cell is for, or null if it is no SQL cell.
 */
export function connectionOf(source: string): string | null {
  const match = /^\s*%%sql(?![\w-])[^\S\n]*([^\W\d][\w.-]*)?(?=\s|$)([^\S\n]*<<)?/.exec(source);
  if (!match) {
    return /^\s*%%sql(?![\w-])/.test(source) ? OWN : null;
  }
  const [, word, target] = match;
  return word && !target && !FIRST_WORDS.has(word.toLowerCase()) ? word : OWN;
}

/**
 * Has SQL cells shown as SQL, with their connection below the prompt.
 */
export class SqlCells implements IDisposable {
  constructor(
    panel: NotebookPanel,
    reactive: ReactiveNotebook,
    languages: IEditorLanguageRegistry | null,
    translator: ITranslator
  ) {
    this._panel = panel;
    this._reactive = reactive;
    this._trans = translator.load('reactive_kernel');
    reactive.model.cells.changed.connect(this._onCellsChanged, this);
    reactive.stateChanged.connect(this._onCellsChanged, this);
    this._languages = languages;
    this._paint.request();
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

  private _onCellsChanged(): void {
    this._due = 'all';
    this._paint.request();
  }

  private _onCellChanged(shared: object, change: object): void {
    const cell = this._widgets.get(shared);
    if ('sourceChange' in change && cell && this._due !== 'all') {
      this._due.add(cell);
      this._paint.request();
    }
  }

  private _update(): void {
    const due = this._due;
    this._due = new Set();
    if (due === 'all') {
      this._listen();
    }
    for (const cell of due === 'all' ? this._panel.content.widgets : due) {
      if (!cell.isDisposed) {
        this._look(cell);
      }
    }
  }

  /** Listen to the cells that came since. */
  private _listen(): void {
    for (const cell of this._panel.content.widgets) {
      const { sharedModel } = cell.model;
      this._widgets.set(sharedModel, cell);
      sharedModel.changed.connect(this._onCellChanged, this);
    }
  }

  /** Find out what a cell is. */
  private _look(cell: Cell): void {
    const { model } = cell;
    const isCode = model.type === 'code' && this._reactive.connection !== 'other';
    const connection = isCode ? connectionOf(model.sharedModel.getSource()) : null;
    const known = this._cells.get(cell);
    if (connection === (known?.connection ?? null)) {
      return;
    }
    known?.label.remove();
    this._cells.delete(cell);
    if (connection !== null) {
      this._cells.set(cell, { connection, label: this._label(cell, connection) });
      // Where the notebook says what its cells are in, at first and with another kernel.
      model.mimeTypeChanged.connect(this._onMimeTypeChanged, this);
      void this._setLanguage(cell);
    } else {
      model.mimeTypeChanged.disconnect(this._onMimeTypeChanged, this);
      model.mimeType = this._panel.content.codeMimetype;
    }
  }

  private _onMimeTypeChanged(model: unknown): void {
    const cell = this._panel.content.widgets.find(widget => widget.model === model);
    if (cell) {
      void this._setLanguage(cell);
    }
  }

  /**
   * Say that a cell is SQL, once the editor has the language that it was said to be in before.
   *
   * #### Notes
   * An editor shows the language that it gets last, which need not be the one that it asked for
   * last.
   */
  private async _setLanguage(cell: Cell): Promise<void> {
    const { model } = cell;
    if (model.mimeType === SQL_MIMETYPE) {
      return;
    }
    try {
      await this._languages?.getLanguage(model.mimeType);
      await this._languages?.getLanguage(SQL_MIMETYPE);
    } catch (reason: unknown) {
      console.warn('The language of a SQL cell could not be loaded', reason);
    }
    if (this._cells.has(cell) && !cell.isDisposed) {
      model.mimeType = SQL_MIMETYPE;
    }
  }

  private _label(cell: Cell, connection: string): HTMLElement {
    const label = document.createElement('div');
    label.className = CONNECTION_CLASS;
    label.textContent = connection;
    label.title = this._trans.__('SQL, for the connection %1', connection);
    cell.node.appendChild(label);
    return label;
  }

  private _cells = new WeakMap<Cell, { connection: string; label: HTMLElement }>();
  private _due: Set<Cell> | 'all' = 'all';
  private _isDisposed = false;
  private _paint = new BeforePaint(() => this._update());
  private _languages: IEditorLanguageRegistry | null;
  private _panel: NotebookPanel;
  private _reactive: ReactiveNotebook;
  private _trans: TranslationBundle;
  private _widgets = new WeakMap<object, Cell>();
}
