import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { cellLabels, clock, firstLine } from './labels';
import type { ReactiveNotebook } from './notebook';
import type { Scope, Why } from './protocol';
import type { CellLabel } from './reasons';
import { Timings } from './timings';
import type { IReactiveSettings } from './tokens';

const CONFIRM_CLASS = 'jp-ReactiveConfirm';

/** What part of the time that may pass unasked may be spent on making values again. */
const REPLAYS = 1 / 3;

/** A cell that a run would execute. */
export interface IStep {
  cell: Cell;
  why: Why;
  /** How long it took the last time; 0 if that is not known. */
  milliseconds: number;
}

/**
 * Asks before runs of one notebook that take long.
 */
export class Confirmation {
  constructor(reactive: ReactiveNotebook, settings: IReactiveSettings, translator: ITranslator) {
    this._reactive = reactive;
    this._settings = settings;
    this._timings = new Timings(reactive.model, reactive.statuses);
    this._trans = translator.load('reactive_kernel');
  }

  /**
   * Whether these cells are to run: the user said so, or would not mind.
   */
  async allows(cells: string[], scope: Scope = 'reactive'): Promise<boolean> {
    const limit = this._settings.confirmAfter * 1000;
    if (limit === 0 || this._timings.total <= limit * REPLAYS) {
      return true;
    }
    const client = await this._reactive.ready();
    this._reactive.flush();
    try {
      const planned = await client?.request('run', { cells, scope, dry: true });
      const steps = planned ? this._steps(planned.plan, planned.why) : [];
      return !isLong(steps, limit) || (await this._ask(steps));
    } catch {
      return true; // The run itself fails in the same way.
    }
  }

  private _steps(plan: readonly string[], why: Record<string, Why>): IStep[] {
    const cells = new Map(this._cells.map(cell => [cell.model.id, cell]));
    return plan.flatMap(id => {
      const cell = cells.get(id);
      return cell ? [{ cell, why: why[id], milliseconds: this._timings.of(cell.model) }] : [];
    });
  }

  private async _ask(steps: readonly IStep[]): Promise<boolean> {
    const trans = this._trans;
    const { button } = await showDialog({
      title: trans._n('Run %1 cell?', 'Run %1 cells?', steps.length),
      body: new Plan(steps, cellLabels(this._cells, trans), trans),
      buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Run') })]
    });
    return button.accept;
  }

  private get _cells(): readonly Cell[] {
    const [panel] = this._reactive.panels;
    return panel.content.widgets;
  }

  private _reactive: ReactiveNotebook;
  private _settings: IReactiveSettings;
  private _timings: Timings;
  private _trans: TranslationBundle;
}

/**
 * Whether a run takes longer than a limit in milliseconds, or spends too much of that on making
 * values again.
 */
export function isLong(
  steps: readonly Pick<IStep, 'why' | 'milliseconds'>[],
  limit: number
): boolean {
  return sum(steps) > limit || sum(steps.filter(isReplay)) > limit * REPLAYS;
}

function isReplay({ why }: Pick<IStep, 'why'>): boolean {
  return why === 'replay';
}

function sum(steps: readonly Pick<IStep, 'milliseconds'>[]): number {
  return steps.reduce((total, { milliseconds }) => total + milliseconds, 0);
}

/** What a run would execute, why, and how long that took. */
class Plan extends Widget {
  constructor(steps: readonly IStep[], labels: CellLabel, trans: TranslationBundle) {
    super();
    this.addClass(CONFIRM_CLASS);
    const summary = document.createElement('p');
    summary.textContent = trans.__(
      'By the last runs of its cells, it takes %1.',
      clock(sum(steps))
    );
    const table = document.createElement('table');
    const head = table.createTHead().insertRow();
    for (const title of [trans.__('Cell'), trans.__('Why'), trans.__('Last time')]) {
      const cell = document.createElement('th');
      cell.scope = 'col';
      cell.textContent = title;
      head.append(cell);
    }
    head.cells[0].colSpan = 2;
    const body = table.createTBody();
    for (const { cell, why, milliseconds } of steps) {
      const code = document.createElement('code');
      code.textContent = firstLine(cell.model.sharedModel.getSource());
      const time = milliseconds > 0 ? clock(milliseconds) : '?';
      const row = body.insertRow();
      for (const content of [labels(cell.model.id) ?? '', code, whyLabel(why, trans), time]) {
        row.insertCell().append(content);
      }
    }
    this.node.append(summary, table);
  }
}

/** What a cell is in a plan for, for people. */
function whyLabel(why: Why, trans: TranslationBundle): string {
  switch (why) {
    case 'asked':
      return trans.__('asked for');
    case 'needed':
      return trans.__('needed');
    case 'affected':
      return trans.__('affected');
    case 'replay':
      return trans.__('makes a value again');
  }
}
