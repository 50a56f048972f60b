import type { INotebookCellExecutor } from '@jupyterlab/notebook';
import { runCell } from '@jupyterlab/notebook';

import type { ReactiveNotebook } from './notebook';
import type { Allows, IRunRequest } from './runner';
import { Runner } from './runner';
import type { IReactiveTracker } from './tokens';

/**
 * Runs the cells of notebooks with the reactive kernel as runs of that kernel, and those of
 * any other notebook as JupyterLab does.
 */
export class ReactiveCellExecutor implements INotebookCellExecutor {
  /**
   * Run the cells of these notebooks.
   *
   * #### Notes
   * The notebook tracker comes after the executor, so the executor is made without it.
   */
  follow(tracker: IReactiveTracker): void {
    this._tracker = tracker;
    tracker.panelAdded.connect((_, panel) => {
      const reactive = tracker.find(panel.context.model);
      if (reactive) {
        this._runner(reactive);
      }
    });
  }

  /** Asked before a run; by default every run is allowed. */
  allows: Allows = () => Promise.resolve(true);

  /**
   * Run a cell.
   *
   * #### Notes
   * One command calls this for each of its cells in the same tick; they become one run.
   */
  runCell(options: INotebookCellExecutor.IRunCellOptions): Promise<boolean> {
    const reactive = this._tracker?.find(options.notebook);
    const { cell, sessionContext } = options;
    if (
      !reactive ||
      reactive.connection === 'other' ||
      cell.model.type !== 'code' ||
      !cell.model.sharedModel.getSource().trim() ||
      !sessionContext ||
      sessionContext.isTerminating ||
      sessionContext.pendingInput ||
      sessionContext.hasNoKernel
    ) {
      return runCell(options);
    }
    return this._runner(reactive).add(options, this._request);
  }

  /**
   * Give what `start` runs synchronously another request than just its cells.
   */
  as<T>(request: IRunRequest, start: () => T): T {
    this._request = request;
    try {
      return start();
    } finally {
      this._request = {};
    }
  }

  private _runner(reactive: ReactiveNotebook): Runner {
    let runner = this._runners.get(reactive);
    if (!runner) {
      runner = new Runner(reactive, (...run) => this.allows(...run));
      this._runners.set(reactive, runner);
    }
    return runner;
  }

  private _request: IRunRequest = {};
  private _runners = new WeakMap<ReactiveNotebook, Runner>();
  private _tracker: IReactiveTracker | null = null;
}
