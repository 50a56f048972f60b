import type { Cell, ICellModel } from '@jupyterlab/cells';
import { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { goToCell, markedState } from './cells';
import { CommandIDs } from './commands';
import { BeforePaint } from './frames';
import type { IDefinedBelow } from './graph';
import type { MarkedState } from './icons';
import { heldIcons, stateIcons } from './icons';
import { cellLabels } from './labels';
import type { ReactiveNotebook } from './notebook';
import type { Held } from './protocol';
import type { CellLabel } from './reasons';
import { causes, describe, heldLabel, stateLabel } from './reasons';
import type { CellStatuses } from './statuses';
import type { IReactiveSettings } from './tokens';
import type { IAction } from './why';
import { Why } from './why';

const MARK_CLASS = 'jp-ReactiveMark';
const HELD_CLASS = 'jp-ReactiveHeld';

/**
 * Shows on each cell of a panel how it stands.
 *
 * #### Notes
 * A windowed notebook attaches and detaches the nodes of cells, but keeps their widgets; the
 * mark is a child of the cell's node and goes with it.
 */
export class Marks implements IDisposable {
  constructor(
    panel: NotebookPanel,
    reactive: ReactiveNotebook,
    commands: CommandRegistry,
    settings: IReactiveSettings,
    translator: ITranslator
  ) {
    this._commands = commands;
    this._settings = settings;
    this._panel = panel;
    this._reactive = reactive;
    this._trans = translator.load('reactive_kernel');
    reactive.statuses.changed.connect(this._onStatusChanged, this);
    reactive.graphChanged.connect(this._onGraphChanged, this);
    reactive.model.cells.changed.connect(this._onCellsChanged, this);
    settings.changed.connect(this._onSettingsChanged, this);
    this._schedule(null);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._paint.dispose();
      this._why?.dispose();
      // Nothing of this is to hang on to the nodes of cells.
      this._panel.content.widgets.forEach(cell => this._marks.get(cell)?.dispose());
      Signal.clearData(this);
    }
  }

  /** Whether a cell has a mark to be explained. */
  isMarked(cell: Cell | null): boolean {
    return cell !== null && this._marks.get(cell)?.state !== undefined;
  }

  /**
   * Tell beside a cell why it is marked.
   */
  explain(cell: Cell): void {
    const mark = this._marks.get(cell);
    const status = this._reactive.statuses.get(cell.model.id);
    if (!mark?.state || !status) {
      return;
    }
    const trans = this._trans;
    const labels = this._labels();
    const isOutdated = mark.state === 'outdated';
    const definedBelow = isOutdated ? null : this._reactive.graph.definedBelow(cell.model.id);
    const isUnderWay = mark.state === 'queued' || mark.state === 'running';
    const run = (command: string) => () => {
      this._goTo(cell.model.id);
      void this._commands.execute(command);
    };
    this._why?.dispose();
    this._why = new Why({
      anchor: mark.button,
      host: this._panel.content.node,
      title: isOutdated ? mark.text : stateLabel(mark.state, trans),
      causes: isOutdated ? [] : causes(status, definedBelow, trans, labels),
      cellLabel: labels,
      goTo: id => this._goTo(id),
      actions: isUnderWay
        ? []
        : [
            ...this._moves(cell.model.id, definedBelow, labels),
            { label: trans.__('Run with what it needs'), execute: run('notebook:run-cell') },
            { label: trans.__('Run only this'), execute: run(CommandIDs.runOnly) }
          ],
      trans
    });
    this._why.open();
  }

  /** What puts a cell that defines something above the one that reads it. */
  private _moves(id: string, definedBelow: IDefinedBelow | null, labels: CellLabel): IAction[] {
    const definer = definedBelow?.cells[0] ?? null;
    const label = definer === null ? null : labels(definer);
    if (label === null) {
      return [];
    }
    const { content } = this._panel;
    const place = (of: string | null) => content.widgets.findIndex(({ model }) => model.id === of);
    return [
      {
        label: this._trans.__('Move cell %1 above this one', label),
        execute: () => content.moveCell(place(definer), place(id))
      }
    ];
  }

  private _goTo(id: string): void {
    goToCell(this._panel.content, id);
  }

  private _onStatusChanged(_: CellStatuses, ids: readonly string[] | null): void {
    this._schedule(ids);
  }

  private _onSettingsChanged(): void {
    this._schedule(null);
  }

  private _onGraphChanged({ graph }: ReactiveNotebook): void {
    const now = graph.tooEarly;
    this._schedule([...now, ...this._tooEarly]);
    this._tooEarly = now;
  }

  private _onCellsChanged(): void {
    // Those that have come, or have another type, have a widget without a mark.
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
      const mark = this._marks.get(cell);
      if (cell instanceof CodeCell && (due === 'all' || !mark || due.has(mark.id))) {
        this._mark(cell, labels);
      }
    }
  }

  private _mark(cell: CodeCell, labels: CellLabel): void {
    let mark = this._marks.get(cell);
    if (!mark) {
      mark = new Mark(cell.model.id, () => this.explain(cell));
      this._marks.set(cell, mark);
      cell.node.appendChild(mark.node);
      cell.model.stateChanged.connect(this._onCellStateChanged, this);
    }
    const status = this._reactive.statuses.get(cell.model.id);
    const state = markedState(cell.model, this._reactive);
    mark.hold(status?.held ?? null, this._trans);
    if (!this._settings.marks || !status || !state) {
      mark.hide();
    } else if (state === 'outdated') {
      const text =
        status.state === 'fresh'
          ? this._trans.__('Outdated: its last run was not seen here; run it to show it')
          : this._trans.__('Outdated: its outputs are of other code than there is now; run it');
      mark.show(state, text);
    } else if (state in stateIcons) {
      const definedBelow = this._reactive.graph.definedBelow(cell.model.id);
      const why = causes(status, definedBelow, this._trans, labels);
      mark.show(state, describe(state, why, this._trans));
    } else {
      mark.hide();
    }
  }

  private _labels(): CellLabel {
    return cellLabels(this._panel.content.widgets, this._trans);
  }

  private _commands: CommandRegistry;
  private _due: Set<string> | 'all' = new Set();
  private _isDisposed = false;
  private _marks = new WeakMap<Cell, Mark>();
  private _paint = new BeforePaint(() => this._update());
  private _panel: NotebookPanel;
  private _reactive: ReactiveNotebook;
  private _settings: IReactiveSettings;
  /** The cells that were last known to read what only cells below them define. */
  private _tooEarly: string[] = [];
  private _trans: TranslationBundle;
  private _why: Why | null = null;
}

/**
 * The mark of one cell: an icon below the prompt, with text for those who do not see it.
 */
class Mark {
  /**
   * @param id - The cell's, which takes long to read from its model.
   * @param explain - Tells why it is marked.
   */
  constructor(
    readonly id: string,
    explain: () => void
  ) {
    this.node.className = MARK_CLASS;
    this.node.hidden = true;
    this.button.type = 'button';
    this.button.className = `${MARK_CLASS}-icon`;
    this.button.setAttribute('aria-haspopup', 'dialog');
    // The notebook's shortcuts would take Enter and Space.
    this.button.dataset.lmSuppressShortcuts = 'true';
    this.button.addEventListener('click', explain);
    this._text.className = `${MARK_CLASS}-text`;
    this.button.append(this._icon, this._text);
    this.node.append(this.button);
  }

  readonly button = document.createElement('button');
  readonly node = document.createElement('div');

  /** Show whether the cell runs only when it is asked for. */
  hold(held: Held | null, trans: TranslationBundle): void {
    if (held === this._held) {
      return;
    }
    this._held = held;
    this._heldNode?.remove();
    this._heldNode = null;
    if (held) {
      const label = heldLabel(held, trans);
      const node = (this._heldNode = document.createElement('div'));
      node.className = HELD_CLASS;
      node.title = label;
      node.setAttribute('role', 'img');
      node.setAttribute('aria-label', label);
      heldIcons[held].element({ container: node });
      this.node.after(node);
    }
  }

  /** Take it off the page. */
  dispose(): void {
    this.node.remove();
    this._heldNode?.remove();
  }

  /** What is shown, if something is. */
  get state(): MarkedState | undefined {
    return this._state;
  }

  get text(): string {
    return this.button.title;
  }

  show(state: MarkedState, text: string): void {
    if (this._state !== state) {
      this._state = state;
      this.node.dataset.state = state;
      stateIcons[state]?.element({ container: this._icon });
    }
    this.node.hidden = false;
    this.button.title = text;
    this._text.textContent = text;
  }

  hide(): void {
    this.node.hidden = true;
    this._state = undefined;
    delete this.node.dataset.state;
  }

  private _held: Held | null = null;
  private _heldNode: HTMLElement | null = null;
  private _icon = document.createElement('span');
  private _state: MarkedState | undefined;
  private _text = document.createElement('span');
}
