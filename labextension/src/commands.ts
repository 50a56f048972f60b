import type { ICommandPalette, ISessionContextDialogs } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { NotebookActions } from '@jupyterlab/notebook';
import type { ITranslator } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { ReactiveCellExecutor } from './executor';
import { affectedCells } from './origins';
import type { IRunRequest } from './runner';
import type { IReactiveTracker } from './tokens';

export namespace CommandIDs {
  export const runStale = 'reactive-kernel:run-stale';
  export const runOnly = 'reactive-kernel:run-only';
  export const runAffected = 'reactive-kernel:run-affected';
  export const toggleMode = 'reactive-kernel:toggle-mode';
  export const explain = 'reactive-kernel:explain';
  export const toggleFrozen = 'reactive-kernel:toggle-frozen';
  export const toggleManual = 'reactive-kernel:toggle-manual';
  export const showPanel = 'reactive-kernel:show-panel';
  export const tour = 'reactive-kernel:tour';
  export const check = 'reactive-kernel:check';
}

/** The arguments of commands that take none. */
export const NO_ARGUMENTS = { args: { type: 'object', properties: {} } };

/** What the commands work on. */
export interface ICommandContext {
  notebooks: INotebookTracker;
  tracker: IReactiveTracker;
  executor: ReactiveCellExecutor;
  sessionDialogs: ISessionContextDialogs | null;
  translator: ITranslator;
}

/**
 * Add the commands, and offer them in the palette.
 */
export function addCommands(
  commands: CommandRegistry,
  { notebooks, tracker, executor, sessionDialogs, translator }: ICommandContext,
  palette: ICommandPalette | null
): void {
  const trans = translator.load('reactive_kernel');
  const isOpen = () => tracker.current?.connection === 'open';

  const run = (panel: NotebookPanel, ids: string[], request: IRunRequest) => {
    const cells = panel.content.widgets.filter(cell => ids.includes(cell.model.id));
    return executor.as(request, () =>
      NotebookActions.runCells(
        panel.content,
        cells,
        panel.sessionContext,
        sessionDialogs ?? undefined,
        translator
      )
    );
  };

  commands.addCommand(CommandIDs.runStale, {
    label: trans.__('Run Stale Cells'),
    caption: trans.__('Run the cells whose results no longer match the notebook'),
    describedBy: NO_ARGUMENTS,
    isEnabled: isOpen,
    execute: async () => {
      // What has just been typed counts, also where the kernel has not told yet what that makes stale.
      await tracker.current?.check().catch(() => null);
      const stale = tracker.current?.statuses.stale() ?? [];
      const panel = notebooks.currentWidget;
      return panel && stale.length ? run(panel, stale, {}) : true;
    }
  });

  commands.addCommand(CommandIDs.runOnly, {
    label: trans.__('Run Only Selected Cells'),
    caption: trans.__('Run the selected cells with the values that are there, and no others'),
    describedBy: NO_ARGUMENTS,
    isEnabled: isOpen,
    execute: async () => {
      const panel = notebooks.currentWidget;
      const ids = panel?.content.selectedCells.map(cell => cell.model.id) ?? [];
      return panel ? run(panel, ids, { scope: 'only' }) : false;
    }
  });

  commands.addCommand(CommandIDs.runAffected, {
    label: trans.__('Run Cells That Are Stale Because of This One'),
    caption: trans.__('Run the stale cells that the active cell has made so, with what they need'),
    describedBy: NO_ARGUMENTS,
    isEnabled: isOpen,
    execute: async () => {
      const panel = notebooks.currentWidget;
      const reactive = tracker.current;
      const id = panel?.content.activeCell?.model.id;
      if (!panel || !reactive || id === undefined) {
        return true;
      }
      const affected = affectedCells(reactive.statuses.stale(), of =>
        reactive.statuses.get(of)
      ).get(id);
      return affected ? run(panel, affected, {}) : true;
    }
  });

  commands.addCommand(CommandIDs.toggleMode, {
    label: trans.__('Run Affected Cells Automatically'),
    caption: trans.__('When a cell runs, also run the cells that it affects; if off, mark them'),
    describedBy: NO_ARGUMENTS,
    isEnabled: isOpen,
    isToggleable: true,
    isToggled: () => isOpen() && tracker.current?.mode === 'auto',
    execute: async () => {
      const reactive = tracker.current;
      await reactive?.setMode(reactive.mode === 'auto' ? 'lazy' : 'auto');
    }
  });

  commands.addCommand(CommandIDs.check, {
    label: trans.__('Compare Notebook with Reactive Kernel'),
    caption: trans.__('Check that the kernel has the notebook as it is here, and mend it if not'),
    describedBy: NO_ARGUMENTS,
    isEnabled: isOpen,
    execute: async () => (await tracker.current?.check()) ?? null
  });

  const update = () => {
    Object.values(CommandIDs).forEach(id => commands.notifyCommandChanged(id));
  };
  tracker.currentChanged.connect(update);

  const category = trans.__('Reactive');
  for (const command of Object.values(CommandIDs)) {
    palette?.addItem({ command, category });
  }
}
