import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { BeforePaint } from './frames';
import type { ReactiveNotebook } from './notebook';

const UPSTREAM_CLASS = 'jp-mod-reactiveUpstream';
const DOWNSTREAM_CLASS = 'jp-mod-reactiveDownstream';

/**
 * Tints the prompts of the cells that the active cell depends on, and of those that depend on it.
 */
export class Relations implements IDisposable {
  constructor(panel: NotebookPanel, reactive: ReactiveNotebook) {
    this._panel = panel;
    this._reactive = reactive;
    panel.content.activeCellChanged.connect(this._onChanged, this);
    reactive.model.cells.changed.connect(this._onCellsChanged, this);
    reactive.graphChanged.connect(this._onChanged, this);
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

  private _onChanged(): void {
    this._paint.request();
  }

  private _onCellsChanged(): void {
    // A cell that was moved or is of another type has another widget.
    if (this._tinted.some(([cell]) => cell.isDisposed)) {
      this._paint.request();
    }
  }

  private _update(): void {
    const { activeCell, widgets } = this._panel.content;
    const { graph } = this._reactive;
    const id = activeCell?.model.id;
    const upstream = id === undefined ? null : graph.upstream(id);
    const downstream = id === undefined ? null : graph.downstream(id);
    const tinted: [Cell, string][] = [];
    if (upstream?.size || downstream?.size) {
      for (const cell of widgets) {
        if (upstream?.has(cell.model.id)) {
          tinted.push([cell, UPSTREAM_CLASS]);
        } else if (downstream?.has(cell.model.id)) {
          tinted.push([cell, DOWNSTREAM_CLASS]);
        }
      }
    }
    const now = new Map(tinted);
    for (const [cell, name] of this._tinted) {
      if (now.get(cell) !== name) {
        cell.removeClass(name);
      }
    }
    tinted.forEach(([cell, name]) => cell.addClass(name));
    this._tinted = tinted;
  }

  private _isDisposed = false;
  private _paint = new BeforePaint(() => this._update());
  private _panel: NotebookPanel;
  private _reactive: ReactiveNotebook;
  private _tinted: [Cell, string][] = [];
}
