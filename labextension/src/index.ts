/**
 * The plugins of the extension, and nothing else.
 */

import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, ISessionContextDialogs } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { INotebookCellExecutor, INotebookTracker } from '@jupyterlab/notebook';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import packageData from '../package.json';
import { addCommands, CommandIDs, NO_ARGUMENTS } from './commands';
import { ReactiveCellExecutor } from './executor';
import { Marks } from './marks';
import { notifyRefusals } from './notices';
import { Relations } from './relations';
import { Status } from './status';
import { IReactiveTracker } from './tokens';
import { ReactiveTracker } from './tracker';

export { IReactiveTracker };

/** Runs cells; made before the notebook tracker, which asks for it. */
const executor: JupyterFrontEndPlugin<INotebookCellExecutor> = {
  id: '@reactive-kernel/labextension:cell-executor',
  description: 'Runs the cells of notebooks with the reactive kernel as that kernel decides.',
  autoStart: true,
  provides: INotebookCellExecutor,
  activate: () => new ReactiveCellExecutor()
};

const tracker: JupyterFrontEndPlugin<IReactiveTracker> = {
  id: '@reactive-kernel/labextension:tracker',
  description: 'Keeps the reactive kernel in step with the open notebooks.',
  autoStart: true,
  requires: [INotebookTracker, INotebookCellExecutor],
  provides: IReactiveTracker,
  activate: (app, notebooks: INotebookTracker, executor: INotebookCellExecutor) => {
    const tracker = new ReactiveTracker(notebooks, app.serviceManager, packageData.version);
    if (executor instanceof ReactiveCellExecutor) {
      executor.follow(tracker);
    }
    tracker.start();
    window.addEventListener('pagehide', () => tracker.close());
    return tracker;
  }
};

const marks: JupyterFrontEndPlugin<void> = {
  id: '@reactive-kernel/labextension:marks',
  description: 'Shows on each cell whether it is stale, queued, running, failed or blocked.',
  autoStart: true,
  requires: [INotebookTracker, IReactiveTracker],
  optional: [ITranslator],
  activate: (
    app,
    notebooks: INotebookTracker,
    tracker: IReactiveTracker,
    translator: ITranslator | null
  ) => {
    const { commands } = app;
    const all = new WeakMap<NotebookPanel, Marks>();
    const mark = (panel: NotebookPanel) => {
      const reactive = tracker.find(panel.context.model);
      if (reactive) {
        const marks = new Marks(panel, reactive, commands, translator ?? nullTranslator);
        all.set(panel, marks);
        panel.content.disposed.connect(() => marks.dispose());
      }
    };
    tracker.panels.forEach(mark);
    tracker.panelAdded.connect((_, panel) => mark(panel));

    const trans = (translator ?? nullTranslator).load('reactive_kernel');
    const current = () => notebooks.currentWidget && all.get(notebooks.currentWidget);
    commands.addCommand(CommandIDs.explain, {
      label: trans.__('Why Is This Cell Marked?'),
      caption: trans.__('Tell why the active cell is not up to date, and offer to run it'),
      describedBy: NO_ARGUMENTS,
      isEnabled: () => current()?.isMarked(notebooks.activeCell) ?? false,
      execute: () => {
        if (notebooks.activeCell) {
          current()?.explain(notebooks.activeCell);
        }
      }
    });
  }
};

const relations: JupyterFrontEndPlugin<void> = {
  id: '@reactive-kernel/labextension:relations',
  description: 'Tints what the active cell depends on, and what depends on it.',
  autoStart: true,
  requires: [IReactiveTracker],
  activate: (_, tracker: IReactiveTracker) => {
    const relate = (panel: NotebookPanel) => {
      const reactive = tracker.find(panel.context.model);
      if (reactive) {
        const relations = new Relations(panel, reactive);
        panel.content.disposed.connect(() => relations.dispose());
      }
    };
    tracker.panels.forEach(relate);
    tracker.panelAdded.connect((_, panel) => relate(panel));
  }
};

const notices: JupyterFrontEndPlugin<void> = {
  id: '@reactive-kernel/labextension:notices',
  description: 'Says why the kernel does not follow a notebook.',
  autoStart: true,
  requires: [IReactiveTracker],
  optional: [ITranslator],
  activate: (_, tracker: IReactiveTracker, translator: ITranslator | null) => {
    const follow = (panel: NotebookPanel) => {
      const reactive = tracker.find(panel.context.model);
      if (reactive?.panels.size === 1) {
        notifyRefusals(reactive, translator ?? nullTranslator);
      }
    };
    tracker.panels.forEach(follow);
    tracker.panelAdded.connect((_, panel) => follow(panel));
  }
};

const commands: JupyterFrontEndPlugin<void> = {
  id: '@reactive-kernel/labextension:commands',
  description: 'Adds the commands to run stale cells, to run cells alone and to set the mode.',
  autoStart: true,
  requires: [INotebookTracker, IReactiveTracker, INotebookCellExecutor],
  optional: [ISessionContextDialogs, ITranslator, ICommandPalette],
  activate: (
    app,
    notebooks: INotebookTracker,
    tracker: IReactiveTracker,
    executor: INotebookCellExecutor,
    sessionDialogs: ISessionContextDialogs | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    if (executor instanceof ReactiveCellExecutor) {
      addCommands(
        app.commands,
        { notebooks, tracker, executor, sessionDialogs, translator: translator ?? nullTranslator },
        palette
      );
    }
  }
};

const status: JupyterFrontEndPlugin<void> = {
  id: '@reactive-kernel/labextension:status',
  description: 'Shows the mode and the number of stale cells in the status bar.',
  autoStart: true,
  requires: [IReactiveTracker, IStatusBar],
  optional: [ITranslator],
  activate: (
    app,
    tracker: IReactiveTracker,
    statusBar: IStatusBar,
    translator: ITranslator | null
  ) => {
    const item = new Status(tracker, translator ?? nullTranslator, () => {
      void app.commands.execute(CommandIDs.runStale);
    });
    statusBar.registerStatusItem(status.id, {
      item,
      align: 'left',
      rank: 3,
      isActive: () => (tracker.current?.connection ?? 'other') !== 'other',
      activeStateChanged: tracker.currentChanged
    });
  }
};

export default [executor, tracker, marks, relations, notices, commands, status];
