import type { IDisposable } from '@lumino/disposable';

/**
 * Calls a function before the page is painted next, once, however often it is asked for.
 *
 * #### Notes
 * In a page that is hidden that is when it is shown again.
 */
export class BeforePaint implements IDisposable {
  constructor(call: () => void) {
    this._call = call;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Ask for the call. */
  request(): void {
    if (this._frame === null && !this._isDisposed) {
      this._frame = window.requestAnimationFrame(() => {
        this._frame = null;
        this._call();
      });
    }
  }

  dispose(): void {
    this._isDisposed = true;
    if (this._frame !== null) {
      window.cancelAnimationFrame(this._frame);
      this._frame = null;
    }
  }

  private _call: () => void;
  private _frame: number | null = null;
  private _isDisposed = false;
}
