import type { ICodeCellModel } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';

import type { MarkedState } from './icons';
import type { ReactiveNotebook } from './notebook';
import type { State } from './protocol';

/**
 * Make a cell the active one, and bring it into view.
 */
export function goToCell(notebook: Notebook, id: string): void {
  const index = notebook.widgets.findIndex(cell => cell.model.id === id);
  if (index >= 0) {
    notebook.deselectAll();
    notebook.activeCellIndex = index;
    notebook.mode = 'command';
    notebook.activate();
    void notebook.scrollToItem(index);
  }
}

/** The states of a cell that has yet to run as it is to. */
const UNSETTLED: readonly State[] = ['new', 'stale', 'failed'];

/**
 * What a cell is to be marked as: its state, unless what it shows is not of its last run, which a
 * page saw that did not save, or, before it has run, not of the code that is there now; or unless it
 * can't run well before another cell has been moved.
 */
export function markedState(cell: ICodeCellModel, reactive: ReactiveNotebook): MarkedState | null {
  const status = reactive.statuses.get(cell.id);
  if (!status) {
    return null;
  }
  const { state, execution_count } = status;
  const isOfAnotherRun =
    state === 'fresh' &&
    cell.executionState !== 'running' &&
    cell.executionCount !== execution_count;
  const isOfOtherCode = state === 'new' && reactive.statuses.isOutdated(cell.id);
  if (isOfAnotherRun || isOfOtherCode) {
    return 'outdated';
  }
  return UNSETTLED.includes(state) && reactive.graph.definedBelow(cell.id) ? 'below' : state;
}
