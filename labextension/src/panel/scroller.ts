import type { IDisposable } from '@lumino/disposable';

/**
 * What is in view of an element that scrolls.
 *
 * #### Notes
 * It is noted when it changes: to ask for it has the browser lay out all that has changed.
 */
export class Scroller implements IDisposable {
  /**
   * @param onChange - Called when something else is in view.
   */
  constructor(node: HTMLElement, onChange: () => void) {
    this._node = node;
    this._onChange = onChange;
    node.addEventListener('scroll', this, { passive: true });
    this._observer.observe(node);
  }

  /** How much is above what is in view, in pixels. */
  get top(): number {
    return this._top;
  }

  /** The height of what is in view, in pixels. */
  get height(): number {
    return this._height;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Handle the DOM events of the element.
   */
  handleEvent(): void {
    this._look();
    this._onChange();
  }

  /**
   * Bring a part of what is in the element into view.
   */
  reveal(top: number, height: number): void {
    const node = this._node;
    if (top < node.scrollTop) {
      node.scrollTop = top;
    } else if (top + height > node.scrollTop + node.clientHeight) {
      node.scrollTop = top + height - node.clientHeight;
    }
    this._look();
  }

  dispose(): void {
    this._isDisposed = true;
    this._observer.disconnect();
    this._node.removeEventListener('scroll', this);
  }

  private _look(): void {
    this._top = this._node.scrollTop;
    this._height = this._node.clientHeight;
  }

  private _height = 0;
  private _isDisposed = false;
  private _node: HTMLElement;
  private _observer = new ResizeObserver(() => this.handleEvent());
  private _onChange: () => void;
  private _top = 0;
}
