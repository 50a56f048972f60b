import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { goToCell } from './cells';
import { CommandIDs } from './commands';
import { BeforePaint } from './frames';
import type { ReactiveNotebook } from './notebook';
import { affectedCells } from './origins';
import type { IReactiveSettings } from './tokens';

const AFFECTED_CLASS = 'jp-ReactiveAffected';

/**
 * Tells by the prompt of a cell how many cells below are stale because of it, and runs them.
 */
export class Affected implements IDisposable {
  constructor(
    panel: NotebookPanel,
    reactive: ReactiveNotebook,
    commands: CommandRegistry,
    settings: IReactiveSettings,
    translator: ITranslator
  ) {
    this._commands = commands;
    this._panel = panel;
    this._reactive = reactive;
    this._settings = settings;
    this._trans = translator.load('reactive_kernel');
    reactive.statuses.changed.connect(this._onChanged, this);
    settings.changed.connect(this._onChanged, this);
    this._paint.request();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._paint.dispose();
      this._buttons.forEach(button => button.remove());
      Signal.clearData(this);
    }
  }

  private _onChanged(): void {
    this._paint.request();
  }

  private _update(): void {
    const reactive = this._reactive;
    const status = (id: string) => reactive.statuses.get(id);
    // While cells of a run are still to come, the count passes away.
    const isShown = this._settings.marks && !reactive.statuses.isRunning;
    const affected = isShown ? affectedCells(reactive.statuses.stale(), status) : null;
    if (!affected?.size && this._buttons.size === 0) {
      return;
    }
    const were = this._buttons;
    this._buttons = new Map();
    for (const cell of this._panel.content.widgets) {
      const count = affected?.get(cell.model.id)?.length ?? 0;
      if (count > 0) {
        const button = were.get(cell) ?? this._button(cell);
        const label = this._trans._n(
          '%1 cell below is stale · run it',
          '%1 cells below are stale · run them',
          count
        );
        button.textContent = `↓${count}`;
        button.title = label;
        button.setAttribute('aria-label', label);
        this._buttons.set(cell, button);
      }
    }
    were.forEach((button, cell) => this._buttons.has(cell) || button.remove());
  }

  private _button(cell: Cell): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = AFFECTED_CLASS;
    // The notebook's shortcuts would take Enter and Space.
    button.dataset.lmSuppressShortcuts = 'true';
    button.addEventListener('click', () => {
      goToCell(this._panel.content, cell.model.id);
      void this._commands.execute(CommandIDs.runAffected);
    });
    cell.node.appendChild(button);
    return button;
  }

  private _buttons = new Map<Cell, HTMLButtonElement>();
  private _commands: CommandRegistry;
  private _isDisposed = false;
  private _paint = new BeforePaint(() => this._update());
  private _panel: NotebookPanel;
  private _reactive: ReactiveNotebook;
  private _settings: IReactiveSettings;
  private _trans: TranslationBundle;
}
