import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';

import type { CellStatuses } from './statuses';

/** How long a cell may take and be as good as nothing, in milliseconds. */
const NEGLIGIBLE = 100;

/** How long a cell took the last time. */
interface ITiming {
  milliseconds: number;
  /** What ran; null if that is not known. */
  source: string | null;
}

/**
 * How long the cells of a notebook took: as seen on this page, or else as JupyterLab noted it in
 * their metadata.
 */
export class Timings {
  constructor(model: INotebookModel, statuses: CellStatuses) {
    this._model = model;
    statuses.changed.connect(this._onStatusChanged, this);
  }

  /** No fewer milliseconds than any run would take, as far as they are known. */
  get total(): number {
    this._read();
    let total = 0;
    this._known.forEach(({ milliseconds }) => (total += milliseconds));
    return total;
  }

  /** The milliseconds that a cell took as it stands; 0 if that is not known. */
  of(cell: ICellModel): number {
    this._read();
    const timing = this._known.get(cell.id);
    const isSame = timing?.source === null || timing?.source === cell.sharedModel.getSource();
    return timing && isSame ? timing.milliseconds : 0;
  }

  private _onStatusChanged(statuses: CellStatuses, ids: readonly string[] | null): void {
    if (ids === null) {
      this._started.clear();
      return;
    }
    for (const id of ids) {
      const status = statuses.get(id);
      const started = this._started.get(id);
      if (status?.state === 'running') {
        this._started.set(id, started ?? performance.now());
      } else if (started !== undefined) {
        this._started.delete(id);
        const isSpoilt = status?.reasons.some(
          ({ kind }) => kind === 'interrupted' || kind === 'edited'
        );
        if (status && status.state !== 'failed' && !isSpoilt) {
          this._note(id, performance.now() - started);
        }
      }
    }
  }

  private _note(id: string, milliseconds: number): void {
    const source = milliseconds < NEGLIGIBLE ? undefined : this._source(id);
    if (source === undefined) {
      this._known.delete(id);
    } else {
      this._known.set(id, { milliseconds, source });
    }
  }

  private _source(id: string): string | undefined {
    const cells = Array.from(this._model.cells);
    return cells.find(cell => cell.id === id)?.sharedModel.getSource();
  }

  /** Take in what the metadata tell of cells, once. */
  private _read(): void {
    if (this._hasRead) {
      return;
    }
    this._hasRead = true;
    for (const cell of this._model.cells) {
      const milliseconds = runTime(cell.getMetadata('execution'));
      if (milliseconds !== null && !this._known.has(cell.id)) {
        this._known.set(cell.id, { milliseconds, source: null });
      }
    }
  }

  private _hasRead = false;
  private _known = new Map<string, ITiming>();
  /** When the cells began that are running. */
  private _model: INotebookModel;
  private _started = new Map<string, number>();
}

/**
 * How long a cell ran, in milliseconds.
 *
 * @param timing - What JupyterLab notes of a run in the cell's metadata, if it is set to.
 */
export function runTime(timing: unknown): number | null {
  const times = timing as Record<string, string | undefined> | undefined;
  const started = times?.['shell.execute_reply.started'] ?? times?.['iopub.execute_input'];
  const ended = times?.['shell.execute_reply'];
  const time = started && ended ? Date.parse(ended) - Date.parse(started) : NaN;
  return time >= 0 ? time : null;
}
