import type { NotebookPanel } from '@jupyterlab/notebook';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { closeIcon } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { BeforePaint } from './frames';
import { clock, firstLine } from './labels';
import type { ReactiveNotebook } from './notebook';
import { Progress } from './progress';
import type { Event } from './protocol';
import type { CellStatuses } from './statuses';
import type { RunStaleButton } from './toolbar';
import { refreshFocus, toolbarButton } from './toolbar';

const CASCADE_CLASS = 'jp-ReactiveCascade';

/** How long runs take of which nothing is shown, in milliseconds. */
const DELAY = 300;

/** How often the time is brought up to date, in milliseconds. */
const TICK = 1000;

/**
 * Shows how far the runs under way are, whoever asked for them, and ends them.
 */
export class Cascade extends Widget {
  /**
   * @param inPlaceOf - What gives way while a run is shown.
   */
  constructor(
    panel: NotebookPanel,
    reactive: ReactiveNotebook,
    inPlaceOf: RunStaleButton,
    translator: ITranslator
  ) {
    super();
    this._panel = panel;
    this._inPlaceOf = inPlaceOf;
    this._reactive = reactive;
    this._trans = translator.load('reactive_kernel');
    this.addClass(CASCADE_CLASS);
    this._bar.className = `${CASCADE_CLASS}-bar`;
    this._bar.setAttribute('role', 'progressbar');
    this._bar.setAttribute('aria-label', this._trans.__('Cells of the run'));
    this._bar.setAttribute('aria-valuemin', '0');
    this._bar.append(this._done);
    const count = document.createElement('span');
    count.append(this._count);
    const text = document.createElement('span');
    text.className = `${CASCADE_CLASS}-text`;
    text.append(this._text);
    const label = this._trans.__('Cancel run');
    this._button = toolbarButton(closeIcon, label, () => void this._cancel());
    this._button.title = this._trans.__('Cancel the run, and interrupt the cell that is running');
    this._button.hidden = true;
    this.node.append(this._bar, count, text, this._button);
    this.hide();
    reactive.event.connect(this._onEvent, this);
    reactive.statuses.changed.connect(this._onStatusChanged, this);
    reactive.stateChanged.connect(this._onStateChanged, this);
  }

  override dispose(): void {
    this._stop();
    this._paint.dispose();
    Signal.clearData(this);
    super.dispose();
  }

  private _onEvent(_: ReactiveNotebook, event: Event): void {
    if (event.type === 'run_started') {
      if (this._progress.runs.length === 0) {
        this._since = performance.now();
        this._delay = window.setTimeout(() => this._begin(), DELAY);
      }
      this._progress.start(event.run, event.plan);
    } else if (event.type === 'run_finished') {
      this._progress.finish(event.run);
      if (this._progress.runs.length === 0) {
        this._stop();
      }
    }
  }

  private _onStatusChanged(statuses: CellStatuses, ids: readonly string[] | null): void {
    ids?.forEach(id => this._progress.take(id, statuses.get(id)?.state));
    if (!this.isHidden) {
      this._paint.request();
    }
  }

  private _onStateChanged({ client }: ReactiveNotebook): void {
    if (!client) {
      this._progress.end();
      this._stop();
    }
  }

  private _begin(): void {
    this._ticks = window.setInterval(() => this._paint.request(), TICK);
    this._update();
    this._button.hidden = false;
    this._inPlaceOf.setShown(false);
    this.show();
    refreshFocus(this.node);
  }

  private _stop(): void {
    window.clearTimeout(this._delay);
    window.clearInterval(this._ticks);
    if (this.isHidden) {
      return;
    }
    if (this.node.contains(document.activeElement)) {
      this._panel.activate();
    }
    this.hide();
    this._button.hidden = true;
    this._inPlaceOf.setShown(true);
    refreshFocus(this.node);
  }

  private _update(): void {
    const { done, total, running } = this._progress;
    const trans = this._trans;
    const time = clock(performance.now() - this._since);
    const place = running === null ? -1 : this._reactive.statuses.place(running);
    const cell = place < 0 ? null : this._panel.content.widgets[place].model;
    const source = cell ? firstLine(cell.sharedModel.getSource()) : '';
    this._count.data = trans.__('%1/%2', done, total);
    this._text.data = source ? `${time} · ${source}` : time;
    this._done.style.width = `${(100 * done) / Math.max(total, 1)}%`;
    this._bar.setAttribute('aria-valuenow', `${done}`);
    this._bar.setAttribute('aria-valuemax', `${total}`);
    const said = trans.__('%1 of %2 cells are done, after %3', done, total, time);
    this._bar.setAttribute('aria-valuetext', said);
    this.node.title = source ? trans.__('%1. Running: %2', said, source) : said;
  }

  /** End all runs, and the cell that executes. */
  private async _cancel(): Promise<void> {
    const { client, sessionContext } = this._reactive;
    if (!client) {
      return;
    }
    const ends = this._progress.runs.map(run => client.request('cancel', { run }));
    // A run may have ended by itself, and the kernel may be gone.
    await Promise.allSettled(ends);
    if (this._progress.running !== null) {
      await sessionContext.session?.kernel?.interrupt();
    }
  }

  private _button: HTMLButtonElement;
  private _bar = document.createElement('div');
  // As in the button that it stands in for, what changes are texts and no nodes.
  private _count = new Text();
  private _delay = 0;
  private _done = document.createElement('div');
  private _paint = new BeforePaint(() => this._update());
  private _inPlaceOf: RunStaleButton;
  private _panel: NotebookPanel;
  private _progress = new Progress();
  private _reactive: ReactiveNotebook;
  private _since = 0;
  private _text = new Text();
  private _ticks = 0;
  private _trans: TranslationBundle;
}
