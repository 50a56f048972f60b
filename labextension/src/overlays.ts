import { CodeCell } from '@jupyterlab/cells';

import { BeforePaint } from './frames';

/**
 * Has cells that run measure how tall their outputs are when the browser has laid out the page,
 * all of them together.
 *
 * #### Notes
 * JupyterLab measures a cell at each change of its outputs, and twice as it begins to run, to tell
 * whether the area by which outputs are collapsed has room for an icon. The browser then lays out
 * the notebook each time, since other cells have changed meanwhile: with some hundred cells that
 * takes longer than all else that a run does on the page.
 */
export class Overlays {
  /** Have a cell measure itself with the others. */
  follow(cell: CodeCell): void {
    if (!this._followed.has(cell)) {
      this._followed.add(cell);
      cell.updatePromptOverlayIcon = () => {
        this._changed.add(cell);
        this._nextFrame.request();
      };
    }
  }

  private _measure(): void {
    const changed = [...this._changed];
    this._changed.clear();
    for (const cell of changed) {
      if (!cell.isDisposed) {
        CodeCell.prototype.updatePromptOverlayIcon.call(cell);
      }
    }
  }

  private _changed = new Set<CodeCell>();
  private _followed = new WeakSet<CodeCell>();
  // What is measured right after a frame is known from it.
  private _nextFrame = new BeforePaint(() => setTimeout(() => this._measure()));
}
