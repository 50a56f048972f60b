import { LabIcon } from '@jupyterlab/ui-components';

import type { Held, State } from './protocol';

/** An icon of 16 pixels in the colour of the text around it. */
function icon(name: string, shape: string): LabIcon {
  return new LabIcon({
    name: `reactive-kernel:${name}`,
    svgstr:
      '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16" fill="none"' +
      ` stroke="currentColor" stroke-width="1.6" stroke-linecap="round">${shape}</svg>`
  });
}

/**
 * A state; or that what a cell shows is not what its last run put out, or that it reads what only
 * cells below define.
 */
export type MarkedState = State | 'outdated' | 'below';

/** What stands for the states that are worth a mark. */
export const stateIcons: Partial<Record<MarkedState, LabIcon>> = {
  new: icon('new', '<circle cx="8" cy="8" r="4.5" stroke-dasharray="2 2.7"/>'),
  stale: icon('stale', '<path d="M13 8a5 5 0 1 1-1.6-3.7"/><path d="M13.2 2v2.9h-2.9"/>'),
  outdated: icon(
    'outdated',
    '<path d="M2 8s2.2-4 6-4 6 4 6 4-2.2 4-6 4-6-4-6-4z"/><path d="M4 13 12 3"/>'
  ),
  below: icon('below', '<path d="M3 13.5h10M8 11V3M4.8 6 8 2.8 11.2 6"/>'),
  queued: icon('queued', '<circle cx="8" cy="8" r="5.5"/><path d="M8 5v3.2l2 1.3"/>'),
  running: icon('running', '<path d="M5.5 3.8v8.4L12 8z" stroke-linejoin="round"/>'),
  failed: icon('failed', '<circle cx="8" cy="8" r="5.5"/><path d="M6 6l4 4M10 6l-4 4"/>'),
  blocked: icon('blocked', '<circle cx="8" cy="8" r="5.5"/><path d="M4.2 4.2l7.6 7.6"/>')
};

/** What stands for cells that run only when they are asked for. */
export const heldIcons: Record<Held, LabIcon> = {
  frozen: icon('frozen', '<path d="M8 2v12M2.8 5l10.4 6M13.2 5 2.8 11"/>'),
  manual: icon(
    'manual',
    '<path d="M5.5 9V4.2a1.2 1.2 0 0 1 2.4 0V8V2.9a1.2 1.2 0 0 1 2.4 0V8.6V5.4a1.2 1.2 0 0 1 2.4 0' +
      'V10c0 2.6-1.4 4.2-3.8 4.2-2.2 0-3.2-1-4.2-3L3.2 8.6a1.2 1.2 0 0 1 2.3-.6"/>'
  )
};

/** What the buttons of the graph show. */
export const graphIcons = {
  zoomIn: icon(
    'zoom-in',
    '<circle cx="7" cy="7" r="4.5"/><path d="M10.5 10.5 14 14M5 7h4M7 5v4"/>'
  ),
  zoomOut: icon('zoom-out', '<circle cx="7" cy="7" r="4.5"/><path d="M10.5 10.5 14 14M5 7h4"/>'),
  fit: icon('fit', '<path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10"/>'),
  image: icon(
    'image',
    '<rect x="2" y="3" width="12" height="10" rx="1"/><path d="M2.5 12 6 8l2.5 2.5L11 8l3 3.5"/>'
  ),
  group: icon(
    'group',
    '<path d="M2 5V2h12v12H2V8" stroke-dasharray="2 2.5"/><path d="M5 6h6M5 10h6"/>'
  )
};

/** The icon of the side panel: cells, and what depends on what. */
export const panelIcon = new LabIcon({
  name: 'reactive-kernel:panel',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" viewBox="0 0 20 20">' +
    '<g class="jp-icon3 jp-icon-selectable" fill="#616161">' +
    '<rect x="2" y="2" width="7" height="5" rx="1"/><rect x="2" y="13" width="7" height="5" rx="1"/>' +
    '<rect x="11" y="7.5" width="7" height="5" rx="1"/></g>' +
    '<path class="jp-icon3 jp-icon-selectable" fill="none" stroke="#616161" stroke-width="1.4"' +
    ' d="M9 4.5h5.5v3M5.5 7v6M14.5 12.5v3H9"/></svg>'
});
