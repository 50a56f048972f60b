import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { ReactiveNotebook } from './notebook';

/**
 * The notebooks that are open, as the reactive kernel sees them.
 */
export const IReactiveTracker = new Token<IReactiveTracker>(
  '@reactive-kernel/labextension:IReactiveTracker',
  'The open notebooks as the reactive kernel sees them: their connection, mode and statuses.'
);

export interface IReactiveTracker {
  /** The notebook in front, whatever its kernel. */
  readonly current: ReactiveNotebook | null;

  /** Emitted when `current` is another one, or has another state, mode or status. */
  readonly currentChanged: ISignal<IReactiveTracker, void>;

  /** The panels that are open. */
  readonly panels: readonly NotebookPanel[];

  /** Emitted for every panel that opens. */
  readonly panelAdded: ISignal<IReactiveTracker, NotebookPanel>;

  /** The notebook of a model, if a panel shows it. */
  find(model: INotebookModel): ReactiveNotebook | null;

  /** Close all connections to kernels, as far as there is time for it. */
  close(): void;
}
