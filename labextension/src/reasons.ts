import type { TranslationBundle } from '@jupyterlab/translation';

import type { IDefinedBelow } from './graph';
import type { MarkedState } from './icons';
import type { Held, IError, IReason, IStatus } from './protocol';

/** How a state is called on the page. */
export function stateLabel(state: MarkedState, trans: TranslationBundle): string {
  switch (state) {
    case 'new':
      return trans.__('Not run');
    case 'fresh':
      return trans.__('Fresh');
    case 'stale':
      return trans.__('Stale');
    case 'queued':
      return trans.__('Queued');
    case 'running':
      return trans.__('Running');
    case 'failed':
      return trans.__('Failed');
    case 'blocked':
      return trans.__('Blocked');
    case 'outdated':
      return trans.__('Outdated');
    case 'below':
      return trans.__('Defined below');
    case 'idle':
      return '';
  }
}

/** Why the kernel does not follow a notebook; the kernel's own words name two paths. */
export function refusalLabel({ code, message }: IError, trans: TranslationBundle): string {
  return code === 'other_document'
    ? trans.__('Its kernel follows another notebook: choose a new kernel for this one.')
    : message;
}

/** What it means that a cell is held. */
export function heldLabel(held: Held, trans: TranslationBundle): string {
  return held === 'frozen'
    ? trans.__('Frozen: it runs only alone, when you run it')
    : trans.__('Run by hand: it runs only when you run it');
}

/** How to call a cell that is there; null for one that is not. */
export type CellLabel = (id: string) => string | null;

/** One reason of a status, for people. */
export interface ICause {
  text: string;
  /** The cell that it points at, if that is there. */
  cell: string | null;
}

/**
 * A status in one line: the state and why.
 */
export function describe(
  state: MarkedState,
  causes: readonly ICause[],
  trans: TranslationBundle
): string {
  const label = stateLabel(state, trans);
  const said = causes.map(({ text }) => text).join('; ');
  return said ? trans.__('%1: %2', label, said) : label;
}

/**
 * Why a cell is where it is, each reason once.
 */
export function causes(
  { reasons }: IStatus,
  definedBelow: IDefinedBelow | null,
  trans: TranslationBundle,
  cellLabel: CellLabel
): ICause[] {
  const said = new Map<string, ICause>();
  for (const reason of reasons) {
    const text = reasonText(reason, trans, cellLabel);
    if (!said.has(text)) {
      const isThere = reason.cell !== null && cellLabel(reason.cell) !== null;
      said.set(text, { text, cell: isThere ? reason.cell : null });
    }
  }
  const below = definedBelow && causeBelow(definedBelow, trans, cellLabel);
  return below ? [...said.values(), below] : [...said.values()];
}

function causeBelow(
  { names, cells }: IDefinedBelow,
  trans: TranslationBundle,
  cellLabel: CellLabel
): ICause | null {
  const [cell] = cells;
  const where = cellLabel(cell);
  if (where === null) {
    return null;
  }
  const quoted = names.map(name => `\`${name}\``).join(', ');
  return { text: trans.__('%1 is defined only below, in cell %2', quoted, where), cell };
}

function reasonText(
  { kind, name, cell }: IReason,
  trans: TranslationBundle,
  cellLabel: CellLabel
): string {
  const where = cell === null ? null : cellLabel(cell);
  switch (kind) {
    case 'never_ran':
      return trans.__('it has not run in this kernel');
    case 'edited':
      return trans.__('it was edited since it ran');
    case 'input_changed':
      return where
        ? trans.__('`%1` changed in cell %2', name, where)
        : trans.__('`%1` changed', name);
    case 'input_missing':
      return trans.__('no cell above sets `%1` any more', name);
    case 'replaced_writer':
      return where
        ? trans.__('`%1` now comes from cell %2', name, where)
        : trans.__('`%1` now comes from elsewhere', name);
    case 'upstream_stale':
      return where
        ? trans.__('`%1` comes from cell %2, which has not run as it stands', name, where)
        : trans.__('`%1` comes from a cell that has not run as it stands', name);
    case 'upstream_failed':
      return where
        ? trans.__('`%1` comes from cell %2, which failed', name, where)
        : trans.__('`%1` comes from a cell that failed', name);
    case 'nondeterministic':
      return trans.__('each run gives another result');
    case 'syntax_error':
      return trans.__('it does not parse');
    case 'interrupted':
      return trans.__('its last run was interrupted');
  }
}
