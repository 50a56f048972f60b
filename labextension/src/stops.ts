import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from './commands';
import type { IStop } from './tour';

/**
 * What there is to see of the extension, in one notebook.
 */
export function stopsAt(
  panel: NotebookPanel,
  commands: CommandRegistry,
  trans: TranslationBundle
): IStop[] {
  const inToolbar = (selector: string) => panel.toolbar.node.querySelector(selector);
  return [
    {
      title: trans.__('Run a cell, and what depends on it follows'),
      text: trans.__(
        'Run cells as ever. What they need and is not up to date runs first; what they affect runs after them. The order of the notebook is what counts, not the order in which you run.'
      ),
      find: () => panel.content.activeCell?.node ?? panel.content.node
    },
    {
      title: trans.__('Marks tell what no longer matches'),
      text: trans.__(
        'Below the prompt of a cell, an icon shows that it is stale, failed, or has not run. Point at it to read why; click it to go to the cause, or to run the cell. Where nothing is marked, the page shows what Run All would show.'
      ),
      find: () =>
        panel.content.node.querySelector('.jp-ReactiveMark:not([hidden]) button') ??
        panel.content.activeCell?.node.querySelector('.jp-InputPrompt') ??
        null
    },
    {
      title: trans.__('Run what is stale, and nothing else'),
      text: trans.__(
        'This runs all stale cells, with what they need. A run that takes a while shows how far it is in this place, and can be cancelled.'
      ),
      find: () => inToolbar('.jp-ReactiveRunStale')
    },
    {
      title: trans.__('Auto or lazy'),
      text: trans.__(
        'With auto, what a cell affects runs at once. With lazy, it is marked, and you decide when it runs: good for long computations. A single cell can be frozen, or left to be run by hand, in the menu Run, Reactive.'
      ),
      find: () => inToolbar('.jp-ReactiveMode')
    },
    {
      title: trans.__('See what depends on what'),
      text: trans.__(
        'The panel shows all cells with their marks, the graph of what depends on what, and the variables with the cells that set and use them. You find this tour again in the menu Help.'
      ),
      find: async () => {
        await commands.execute(CommandIDs.showPanel);
        return document.querySelector('.jp-ReactivePanel');
      }
    }
  ];
}
