import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

const TOUR_CLASS = 'jp-ReactiveTour';

/** How far the words are from what is shown, and from the edge of the page, in pixels. */
const GAP = 8;

/** One thing that a tour shows. */
export interface IStop {
  title: string;
  text: string;
  /** Find what is shown, after bringing it into view if need be; null if it is not there. */
  find: () => Element | null | Promise<Element | null>;
}

/**
 * Shows some places of the page one after the other, each with a few words beside it.
 *
 * #### Notes
 * It ends with Escape, and the focus then is where it was before.
 */
export class Tour extends Widget {
  constructor(stops: readonly IStop[], trans: TranslationBundle) {
    super();
    this._stops = stops;
    this._trans = trans;
    this._back = this._button(trans.__('Back'), () => void this._show(this._index - 1));
    this._next = this._button('', () => void this._show(this._index + 1));
    this.addClass(TOUR_CLASS);
    this.node.setAttribute('role', 'dialog');
    this.node.setAttribute('aria-label', trans.__('Tour of reactive notebooks'));
    // The notebook's shortcuts would take Enter and Escape.
    this.node.dataset.lmSuppressShortcuts = 'true';
    this._frame.className = `${TOUR_CLASS}-frame`;
    this._title.className = `${TOUR_CLASS}-title`;
    this._text.id = `${TOUR_CLASS}-text`;
    this._next.setAttribute('aria-describedby', this._text.id);
    const buttons = document.createElement('div');
    buttons.className = `${TOUR_CLASS}-buttons`;
    const skip = this._button(trans.__('Skip'), () => this.dispose());
    buttons.append(this._place, skip, this._back, this._next);
    this.node.append(this._title, this._text, buttons);
  }

  /** Show the first stop. */
  start(): void {
    this._before = document.activeElement;
    Widget.attach(this, document.body);
    void this._show(0);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._frame.remove();
      super.dispose();
      if (this._before instanceof HTMLElement) {
        this._before.focus();
      }
    }
  }

  /**
   * Handle the DOM events of the page.
   */
  handleEvent(event: Event): void {
    if (!(event instanceof KeyboardEvent)) {
      this._settle();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      this.dispose();
    }
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    document.body.append(this._frame);
    this.node.addEventListener('keydown', this);
    window.addEventListener('resize', this);
  }

  protected override onBeforeDetach(msg: Message): void {
    this.node.removeEventListener('keydown', this);
    window.removeEventListener('resize', this);
    super.onBeforeDetach(msg);
  }

  private async _show(index: number): Promise<void> {
    const stop = this._stops.at(index);
    if (index < 0 || !stop) {
      this.dispose();
      return;
    }
    this._index = index;
    this._shown = await stop.find();
    if (this.isDisposed || this._index !== index) {
      return;
    }
    const count = this._stops.length;
    const isLast = index === count - 1;
    this._title.textContent = stop.title;
    this._text.textContent = stop.text;
    this._place.textContent = this._trans.__('%1 of %2', index + 1, count);
    this._back.hidden = index === 0;
    this._next.textContent = isLast ? this._trans.__('Done') : this._trans.__('Next');
    this._settle();
    this._next.focus();
  }

  /** Stand beside what is shown, and frame that. */
  private _settle(): void {
    const { left, top, width, height } = (this._shown ?? document.body).getBoundingClientRect();
    Object.assign(this._frame.style, {
      left: `${left}px`,
      top: `${top}px`,
      width: `${width}px`,
      height: `${height}px`
    });
    const { offsetWidth, offsetHeight, style } = this.node;
    const { innerWidth, innerHeight } = window;
    const isRoom = top + height + offsetHeight + GAP < innerHeight;
    const below = isRoom ? top + height + GAP : top - offsetHeight - GAP;
    // What is as high as the page has the words at its side.
    const isTall = below < 0;
    const x = isTall ? left - offsetWidth - GAP : left;
    style.top = `${isTall ? (innerHeight - offsetHeight) / 2 : below}px`;
    style.left = `${Math.max(GAP, Math.min(x, innerWidth - offsetWidth - GAP))}px`;
  }

  private _button(label: string, execute: () => void): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = label;
    button.addEventListener('click', execute);
    return button;
  }

  private _back: HTMLButtonElement;
  private _before: Element | null = null;
  private _frame = document.createElement('div');
  private _index = 0;
  private _next: HTMLButtonElement;
  private _place = document.createElement('span');
  private _shown: Element | null = null;
  private _stops: readonly IStop[];
  private _text = document.createElement('p');
  private _title = document.createElement('div');
  private _trans: TranslationBundle;
}

/**
 * Offer a tour to somebody who is new, without taking the focus.
 */
export function offerTour(start: () => void, trans: TranslationBundle): void {
  Notification.info(trans.__('This notebook is reactive. Five short steps show what that means.'), {
    autoClose: false as const,
    actions: [{ label: trans.__('Take the tour'), callback: start, displayType: 'accent' as const }]
  });
}
