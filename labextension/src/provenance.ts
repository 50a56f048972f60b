import { isCodeCellModel, type ICodeCellModel } from '@jupyterlab/cells';
import type { PartialJSONObject } from '@lumino/coreutils';

import { METADATA_KEY, type ReactiveNotebook } from './notebook';
import type { IReactiveSettings } from './tokens';

/** How long nothing may have changed before the cells are looked at, in milliseconds. */
const PAUSE = 200;

/**
 * Keeps with each cell what code its outputs come from, and finds the cells of which that is not
 * the code that they have now, before anything has run.
 */
export class Provenance {
  constructor(reactive: ReactiveNotebook, settings: IReactiveSettings) {
    this._reactive = reactive;
    this._settings = settings;
    reactive.statuses.changed.connect(this._schedule, this);
    reactive.documentChanged.connect(this._schedule, this);
  }

  private _schedule(): void {
    window.clearTimeout(this._timer);
    this._timer = window.setTimeout(() => {
      this._look().catch(() => undefined);
    }, PAUSE);
  }

  private async _look(): Promise<void> {
    const { client, model } = this._reactive;
    if (!client) {
      return;
    }
    const { cells } = await client.request('provenance', {});
    if (client !== this._reactive.client) {
      return;
    }
    const outdated = new Set<string>();
    for (const cell of model.cells) {
      if (!isCodeCellModel(cell)) {
        continue;
      }
      const now = cells[cell.id] ?? null;
      if (this._isOfLastRun(cell)) {
        if (this._settings.provenance) {
          keep(cell, cell.outputs.length > 0 ? now : null);
        }
      } else if (cell.outputs.length > 0) {
        const { provenance } = own(cell);
        if (provenance !== undefined && provenance !== now) {
          outdated.add(cell.id);
        }
      }
    }
    this._reactive.statuses.setOutdated(outdated);
  }

  /** Whether a cell shows what the kernel knows to come from the code as it is. */
  private _isOfLastRun(cell: ICodeCellModel): boolean {
    const status = this._reactive.statuses.get(cell.id);
    return (
      (status?.state === 'fresh' || status?.state === 'failed') &&
      cell.executionCount === status.execution_count
    );
  }

  private _reactive: ReactiveNotebook;
  private _settings: IReactiveSettings;
  private _timer = 0;
}

/** What a cell's metadata has of ours. */
function own(cell: ICodeCellModel): PartialJSONObject {
  return (cell.getMetadata(METADATA_KEY) as PartialJSONObject | undefined) ?? {};
}

/** Have a cell keep where its outputs come from; nothing is written that is there. */
function keep(cell: ICodeCellModel, now: string | null): void {
  const { provenance, ...others } = own(cell);
  if ((provenance ?? null) === now) {
    return;
  }
  const kept = now === null ? others : { ...others, provenance: now };
  if (Object.keys(kept).length > 0) {
    cell.setMetadata(METADATA_KEY, kept);
  } else {
    cell.deleteMetadata(METADATA_KEY);
  }
}
