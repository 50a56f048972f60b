import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { ReactiveNotebook } from './notebook';
import type { Mode } from './protocol';

/**
 * The notebooks that are open, as the reactive kernel sees them.
 */
export const IReactiveTracker = new Token<IReactiveTracker>(
  '@reactive-kernel/labextension:IReactiveTracker',
  'The open notebooks as the reactive kernel sees them: their connection, mode and statuses.'
);

/**
 * What users have set for all notebooks with the reactive kernel.
 */
export const IReactiveSettings = new Token<IReactiveSettings>(
  '@reactive-kernel/labextension:IReactiveSettings',
  'What users have set for all notebooks with the reactive kernel.'
);

export interface IReactiveSettings {
  /** The mode of notebooks that have not chosen one; null leaves it to the kernel. */
  readonly mode: Mode | null;

  /** Whether cells are marked. */
  readonly marks: boolean;

  /** How many cells that may turn out not to be needed are sent to the kernel ahead of time. */
  readonly lookAhead: number;

  /** After how many seconds a run is long enough to ask before it; 0 for never. */
  readonly confirmAfter: number;

  /** Whether cells keep, in their metadata, what code their outputs come from. */
  readonly provenance: boolean;

  /** The parts of the side panel that are shown. */
  readonly panelParts: readonly string[];

  /** Whether a notification tells that a run has finished. */
  readonly notify: boolean;

  /** Whether the tour is still to be offered. */
  readonly tour: boolean;

  /** Have the tour not be offered again. */
  endTour(): Promise<void>;

  /** Emitted when one of them is another. */
  readonly changed: ISignal<IReactiveSettings, void>;
}

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
