import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { stateIcons } from './icons';
import { refusalLabel } from './reasons';
import type { IReactiveTracker } from './tokens';

const STATUS_CLASS = 'jp-ReactiveStatus';

/**
 * The status bar item: the mode and how many cells are stale; a click runs them.
 */
export class Status extends Widget {
  constructor(tracker: IReactiveTracker, translator: ITranslator, runStale: () => void) {
    super();
    this._tracker = tracker;
    this._trans = translator.load('reactive_kernel');
    this.addClass(STATUS_CLASS);
    this._button.type = 'button';
    this._button.className = `${STATUS_CLASS}-button`;
    this._button.append(this._icon, this._text);
    this._button.addEventListener('click', () => runStale());
    this.node.append(this._button);
    stateIcons.stale?.element({ container: this._icon });
    tracker.currentChanged.connect(this._update, this);
    this._update();
  }

  private _update(): void {
    const reactive = this._tracker.current;
    if (!reactive || this.isDisposed) {
      return;
    }
    const trans = this._trans;
    const stale = reactive.connection === 'open' ? reactive.statuses.stale().length : 0;
    this._button.disabled = stale === 0;
    this._icon.hidden = stale === 0;
    switch (reactive.connection) {
      case 'open': {
        const mode = reactive.mode === 'auto' ? trans.__('auto') : trans.__('lazy');
        this._text.textContent = stale
          ? trans._n('Reactive: %2 | %1 stale', 'Reactive: %2 | %1 stale', stale, mode)
          : trans.__('Reactive: %1', mode);
        this._button.title = stale
          ? trans._n('Run %1 stale cell', 'Run %1 stale cells', stale)
          : trans.__('No cell is stale');
        break;
      }
      case 'opening':
        this._text.textContent = trans.__('Reactive: connecting…');
        this._button.title = trans.__('Waiting for the kernel to take in the notebook');
        break;
      case 'silent':
        this._text.textContent = trans.__('Reactive: off');
        this._button.title = reactive.refusal
          ? trans.__('Cells run one by one: %1', refusalLabel(reactive.refusal, trans))
          : trans.__('The kernel does not answer; cells run one by one');
        break;
      case 'other':
        this._text.textContent = '';
    }
  }

  private _button = document.createElement('button');
  private _icon = document.createElement('span');
  private _text = document.createElement('span');
  private _tracker: IReactiveTracker;
  private _trans: TranslationBundle;
}
