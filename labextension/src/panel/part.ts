import type { TranslationBundle } from '@jupyterlab/translation';
import { Toolbar } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { BeforePaint } from '../frames';
import type { Change, Subject } from './subject';

/**
 * A part of the panel: shows something of the notebook in front while somebody can see it.
 */
export abstract class Part extends Widget implements Toolbar.IWidgetToolbar {
  constructor(
    protected readonly subject: Subject,
    protected readonly trans: TranslationBundle,
    label: string
  ) {
    super();
    this.title.label = label;
    subject.changed.connect(this._onChanged, this);
  }

  /** What stands beside its title. */
  readonly toolbar = new Toolbar();

  override dispose(): void {
    if (!this.isDisposed) {
      this._paint.dispose();
      this.toolbar.dispose();
      super.dispose();
    }
  }

  /**
   * Bring it up to date.
   *
   * @param changes - What may be another than the last time.
   */
  protected abstract refresh(changes: ReadonlySet<Change>): void;

  /** Have `refresh` called before the page is painted next. */
  protected requestRefresh(): void {
    if (this.isVisible) {
      this._paint.request();
    }
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this.requestRefresh();
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this.requestRefresh();
  }

  protected override onResize(msg: Widget.ResizeMessage): void {
    super.onResize(msg);
    this.requestRefresh();
  }

  private _onChanged(_: Subject, change: Change): void {
    this._changes.add(change);
    this.requestRefresh();
  }

  private _refresh(): void {
    if (this.isVisible) {
      const changes = this._changes;
      this._changes = new Set();
      this.refresh(changes);
    }
  }

  private _changes = new Set<Change>(['notebook']);
  private _paint = new BeforePaint(() => this._refresh());
}
