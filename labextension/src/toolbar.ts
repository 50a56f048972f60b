import type { NotebookPanel } from '@jupyterlab/notebook';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { caretDownEmptyIcon } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import { Panel, Widget } from '@lumino/widgets';

import { BeforePaint } from './frames';
import { stateIcons } from './icons';
import type { ReactiveNotebook } from './notebook';
import type { Mode } from './protocol';
import type { IReactiveTracker } from './tokens';

/**
 * A place in the toolbar of a notebook, in which there is something while the kernel is a reactive
 * one.
 *
 * #### Notes
 * Toolbars are made before the tracker hears of their notebooks, so that what is in it is made
 * when that has happened.
 */
export class ToolbarPlace extends Panel {
  constructor(
    panel: NotebookPanel,
    tracker: IReactiveTracker,
    create: (reactive: ReactiveNotebook) => readonly Widget[]
  ) {
    super();
    this.addClass('jp-ReactivePlace');
    this._create = create;
    this._panel = panel;
    tracker.panelAdded.connect(this._find, this);
    this._find(tracker);
  }

  override dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  private _find(tracker: IReactiveTracker): void {
    const reactive = tracker.find(this._panel.context.model);
    if (reactive) {
      tracker.panelAdded.disconnect(this._find, this);
      reactive.stateChanged.connect(this._onStateChanged, this);
      this._onStateChanged(reactive);
    }
  }

  private _onStateChanged(reactive: ReactiveNotebook): void {
    const isReactive = reactive.connection !== 'other';
    if (isReactive !== this.widgets.length > 0) {
      if (isReactive) {
        this._create(reactive).forEach(widget => this.addWidget(widget));
      } else {
        this.widgets.slice().forEach(widget => widget.dispose());
      }
      refreshFocus(this.node);
    }
  }

  private _create: (reactive: ReactiveNotebook) => readonly Widget[];
  private _panel: NotebookPanel;
}

/**
 * Chooses the mode of a notebook.
 */
export class ModeSwitch extends Widget {
  constructor(reactive: ReactiveNotebook, translator: ITranslator) {
    super();
    const trans = translator.load('reactive_kernel');
    this._reactive = reactive;
    this.addClass('jp-HTMLSelect');
    this.addClass('jp-DefaultStyle');
    this.addClass('jp-ReactiveMode');
    this._select.title = trans.__(
      'Reactive mode: with auto, running a cell also runs what it affects; with lazy, it marks that'
    );
    this._select.setAttribute('aria-label', trans.__('Reactive mode'));
    this._select.append(new Option(trans.__('Auto'), 'auto'), new Option(trans.__('Lazy'), 'lazy'));
    this._select.addEventListener('change', () => {
      reactive.setMode(this._select.value as Mode).catch(() => this._update());
    });
    this.node.append(
      this._select,
      caretDownEmptyIcon.element({ tag: 'span', stylesheet: 'select', right: '4px', top: '4px' })
    );
    reactive.stateChanged.connect(this._update, this);
    this._update();
  }

  override dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  private _update(): void {
    this._select.disabled = this._reactive.connection !== 'open';
    this._select.value = this._reactive.mode;
  }

  private _reactive: ReactiveNotebook;
  private _select = document.createElement('select');
}

/**
 * Runs the cells of a notebook that are stale, and tells how many there are.
 */
export class RunStaleButton extends Widget {
  constructor(reactive: ReactiveNotebook, translator: ITranslator, runStale: () => void) {
    super();
    this._reactive = reactive;
    const trans = (this._trans = translator.load('reactive_kernel'));
    this._button = toolbarButton(stateIcons.stale!, trans.__('Run stale'), () => {
      if (this._button.ariaDisabled === 'false') {
        runStale();
      }
    });
    const span = document.createElement('span');
    span.append(this._label);
    this._button.append(span);
    this.addClass('jp-ReactiveRunStale');
    this.node.append(this._button);
    reactive.stateChanged.connect(this._onChanged, this);
    reactive.statuses.changed.connect(this._onChanged, this);
    this._update();
  }

  override dispose(): void {
    this._paint.dispose();
    Signal.clearData(this);
    super.dispose();
  }

  /** Have the button be there, or not. */
  setShown(isShown: boolean): void {
    this._button.hidden = !isShown;
  }

  private _onChanged(): void {
    this._paint.request();
  }

  private _update(): void {
    const trans = this._trans;
    const stale = this._reactive.connection === 'open' ? this._reactive.statuses.stale().length : 0;
    // It keeps the focus when there is nothing more to run.
    this._button.ariaDisabled = `${stale === 0}`;
    this._button.title = stale
      ? trans._n('Run %1 stale cell', 'Run %1 stale cells', stale)
      : trans.__('No cell is stale');
    const label = stale ? trans.__('Run stale (%1)', stale) : trans.__('Run stale');
    this._label.data = this._button.ariaLabel = label;
  }

  private _button: HTMLButtonElement;
  // JupyterLab goes through the toolbar when nodes come and go in it, and not when a text changes.
  private _label = new Text();
  private _paint = new BeforePaint(() => this._update());
  private _reactive: ReactiveNotebook;
  private _trans: TranslationBundle;
}

/**
 * A button that looks as those of JupyterLab's toolbars.
 *
 * #### Notes
 * Theirs stay in memory for good, with all that they belong to, and axe takes exception to what they
 * are said to be.
 */
export function toolbarButton(
  icon: LabIcon,
  label: string,
  execute: () => void
): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'jp-ReactiveButton';
  button.title = button.ariaLabel = label;
  icon.element({ container: button });
  button.addEventListener('click', execute);
  // The focus stays in the notebook, as with JupyterLab's own.
  button.addEventListener('mousedown', event => event.preventDefault());
  return button;
}

/** The toolbar of JupyterLab's that a node is in. */
interface IToolbar extends Element {
  reduceFocusableElements?: () => void;
}

/**
 * Have the toolbar around a node find out anew where arrow keys lead.
 *
 * #### Notes
 * By itself it does so when items come and go, and not when something in them does.
 */
export function refreshFocus(node: Element): void {
  node.closest<IToolbar>('jp-toolbar')?.reduceFocusableElements?.();
}
