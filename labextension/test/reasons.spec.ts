import { nullTranslator } from '@jupyterlab/translation';
import { expect, it } from 'vitest';

import type { IReason, State } from '../src/protocol';
import { describe as describeStatus } from '../src/reasons';

const trans = nullTranslator.load('reactive_kernel');

function said(state: State, ...reasons: Partial<IReason>[]): string {
  const status = {
    state,
    reasons: reasons.map(reason => ({ name: null, cell: null, ...reason }) as IReason),
    execution_count: 1,
    msg_id: null
  };
  return describeStatus(status, trans, id => (id === 'a' ? '[1]' : null));
}

it.each([
  ['Fresh', said('fresh')],
  ['Stale: it was edited since it ran', said('stale', { kind: 'edited' })],
  [
    'Stale: `x` changed in cell [1]',
    said('stale', { kind: 'input_changed', name: 'x', cell: 'a' })
  ],
  ['Stale: `x` changed', said('stale', { kind: 'input_changed', name: 'x', cell: 'gone' })],
  ['Stale: no cell above sets `x` any more', said('stale', { kind: 'input_missing', name: 'x' })],
  [
    'Stale: `x` now comes from cell [1]; it was edited since it ran',
    said('stale', { kind: 'replaced_writer', name: 'x', cell: 'a' }, { kind: 'edited' })
  ],
  [
    'Blocked: `x` comes from cell [1], which failed',
    said('blocked', { kind: 'upstream_failed', name: 'x', cell: 'a' })
  ]
])('says %j', (wanted, text) => {
  expect(text).toBe(wanted);
});

it('says a cause once', () => {
  const cause: Partial<IReason> = { kind: 'edited' };
  expect(said('stale', cause, cause)).toBe('Stale: it was edited since it ran');
});
