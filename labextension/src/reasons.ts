import type { TranslationBundle } from '@jupyterlab/translation';

import type { IReason, IStatus, State } from './protocol';

/** How a state is called on the page. */
export function stateLabel(state: State, trans: TranslationBundle): string {
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
    case 'idle':
      return '';
  }
}

/**
 * A status in one line: the state and why.
 *
 * @param cellLabel - How to call a cell that is there; null for one that is not.
 */
export function describe(
  status: IStatus,
  trans: TranslationBundle,
  cellLabel: (id: string) => string | null
): string {
  const label = stateLabel(status.state, trans);
  const reasons = status.reasons.map(reason => reasonText(reason, trans, cellLabel));
  const said = [...new Set(reasons)].filter(Boolean).join('; ');
  return said ? trans.__('%1: %2', label, said) : label;
}

function reasonText(
  { kind, name, cell }: IReason,
  trans: TranslationBundle,
  cellLabel: (id: string) => string | null
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
