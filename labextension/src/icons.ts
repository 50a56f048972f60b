import { LabIcon } from '@jupyterlab/ui-components';

import type { State } from './protocol';

/** An icon of 16 pixels in the colour of the text around it. */
function icon(name: string, shape: string): LabIcon {
  return new LabIcon({
    name: `reactive-kernel:${name}`,
    svgstr:
      '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16" fill="none"' +
      ` stroke="currentColor" stroke-width="1.6" stroke-linecap="round">${shape}</svg>`
  });
}

/** A state, or that what a fresh cell shows is not what its last run put out. */
export type MarkedState = State | 'outdated';

/** What stands for the states that are worth a mark. */
export const stateIcons: Partial<Record<MarkedState, LabIcon>> = {
  new: icon('new', '<circle cx="8" cy="8" r="4.5" stroke-dasharray="2 2.7"/>'),
  stale: icon('stale', '<path d="M13 8a5 5 0 1 1-1.6-3.7"/><path d="M13.2 2v2.9h-2.9"/>'),
  outdated: icon(
    'outdated',
    '<path d="M2 8s2.2-4 6-4 6 4 6 4-2.2 4-6 4-6-4-6-4z"/><path d="M4 13 12 3"/>'
  ),
  queued: icon('queued', '<circle cx="8" cy="8" r="5.5"/><path d="M8 5v3.2l2 1.3"/>'),
  running: icon('running', '<path d="M5.5 3.8v8.4L12 8z" stroke-linejoin="round"/>'),
  failed: icon('failed', '<circle cx="8" cy="8" r="5.5"/><path d="M6 6l4 4M10 6l-4 4"/>'),
  blocked: icon('blocked', '<circle cx="8" cy="8" r="5.5"/><path d="M4.2 4.2l7.6 7.6"/>')
};
