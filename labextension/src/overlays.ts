import { CodeCell } from '@jupyterlab/cells';

/** For how long cells are gathered that are to be measured, in milliseconds. */
const GATHERING = 200;

/**
 * Has cells that run measure how tall their outputs are a little later, right after the browser has
 * laid out the page, all of them together, and those that are out of view when they come into it.
 *
 * #### Notes
 * JupyterLab measures a cell at each change of its outputs, and twice as it begins to run, to tell
 * whether the area by which outputs are collapsed has room for an icon. The browser then lays out
 * the notebook each time, since other cells have changed meanwhile, and what it otherwise leaves
 * out of cells that are not in view: with some hundred cells that takes longer than all else that
 * a run does on the page.
 */
export class Overlays {
  /** Have a cell measure itself with the others. */
  follow(cell: CodeCell): void {
    if (!this._followed.has(cell)) {
      this._followed.add(cell);
      cell.updatePromptOverlayIcon = () => {
        if (this._changed.size === 0) {
          window.setTimeout(() => this._layout.observe(document.body), GATHERING);
        }
        this._changed.add(cell);
      };
    }
  }

  private _measure(): void {
    this._layout.disconnect();
    const changed = [...this._changed];
    this._changed.clear();
    for (const cell of changed) {
      if (isOutOfView(cell.node)) {
        this._waiting.set(cell.node, cell);
        this._styles.observe(cell.node, { attributeFilter: ['style'] });
      } else if (!cell.isDisposed) {
        CodeCell.prototype.updatePromptOverlayIcon.call(cell);
      }
    }
  }

  private _onStyles(nodes: readonly Node[]): void {
    for (const node of nodes) {
      const cell = this._waiting.get(node);
      if (cell && !isOutOfView(cell.node)) {
        this._waiting.delete(node);
        cell.updatePromptOverlayIcon();
      }
    }
  }

  private _changed = new Set<CodeCell>();
  private _followed = new WeakSet<CodeCell>();
  // It is told of what it begins to observe as of what has another size: after the next layout.
  private _layout = new ResizeObserver(() => this._measure());
  private _styles = new MutationObserver(all => this._onStyles(all.map(({ target }) => target)));
  private _waiting = new WeakMap<Node, CodeCell>();
}

/** Whether the notebook has told the browser that it need not lay out what is in a cell. */
function isOutOfView({ style }: HTMLElement): boolean {
  return style.contentVisibility === 'auto';
}
