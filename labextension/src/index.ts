/**
 * The plugins of the extension, and nothing else.
 */

import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import {
  ICommandPalette,
  ISessionContextDialogs,
  IToolbarWidgetRegistry
} from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { INotebookCellExecutor, INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import packageData from '../package.json';
import { Affected } from './affected';
import { Cascade } from './cascade';
import { addCommands, CommandIDs, NO_ARGUMENTS } from './commands';
import { Confirmation } from './confirm';
import { ReactiveCellExecutor } from './executor';
import { addHeldCommands, FreezeButton } from './held';
import { Marks } from './marks';
import type { ReactiveNotebook } from './notebook';
import { notifyFinished, notifyRefusals } from './notices';
import { ReactivePanel } from './panel/panel';
import { Subject } from './panel/subject';
import { Relations } from './relations';
import { translateSchemas } from './schemas';
import { Settings } from './settings';
import { SqlCells } from './sql';
import { Status } from './status';
import { stopsAt } from './stops';
import { IReactiveSettings, IReactiveTracker } from './tokens';
import { ModeSwitch, RunStaleButton, ToolbarPlace } from './toolbar';
import { offerTour, Tour } from './tour';
import { ReactiveTracker } from './tracker';

export { IReactiveSettings, IReactiveTracker };

/** Runs cells; made before the notebook tracker, which asks for it. */
const executor: JupyterFrontEndPlugin<INotebookCellExecutor> = {
  id: '@reactive-kernel/labextension:cell-executor',
  description: 'Runs the cells of notebooks with the reactive kernel as that kernel decides.',
  autoStart: true,
  provides: INotebookCellExecutor,
  activate: () => new ReactiveCellExecutor()
};

const settings: JupyterFrontEndPlugin<IReactiveSettings> = {
  id: '@reactive-kernel/labextension:settings',
  description: 'Holds what users have set for all notebooks with the reactive kernel.',
  autoStart: true,
  optional: [ISettingRegistry, ITranslator],
  provides: IReactiveSettings,
  activate: async (_, registry: ISettingRegistry | null, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('reactive_kernel');
    if (registry) {
      translateSchemas(registry, [settings.id, commands.id], trans);
    }
    const loaded = registry?.load(settings.id).catch((reason: unknown) => {
      console.error('The settings of the reactive kernel could not be read', reason);
      return null;
    });
    return new Settings((await loaded) ?? null);
  }
};

const tracker: JupyterFrontEndPlugin<IReactiveTracker> = {
  id: '@reactive-kernel/labextension:tracker',
  description: 'Keeps the reactive kernel in step with the open notebooks.',
  autoStart: true,
  requires: [INotebookTracker, INotebookCellExecutor, IReactiveSettings],
  provides: IReactiveTracker,
  activate: (
    app,
    notebooks: INotebookTracker,
    executor: INotebookCellExecutor,
    settings: IReactiveSettings
  ) => {
    const { serviceManager } = app;
    const tracker = new ReactiveTracker(notebooks, serviceManager, settings, packageData.version);
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
  requires: [INotebookTracker, IReactiveTracker, IReactiveSettings],
  optional: [ITranslator, IEditorLanguageRegistry],
  activate: (
    app,
    notebooks: INotebookTracker,
    tracker: IReactiveTracker,
    settings: IReactiveSettings,
    translator: ITranslator | null,
    languages: IEditorLanguageRegistry | null
  ) => {
    const { commands } = app;
    const all = new WeakMap<NotebookPanel, Marks>();
    const mark = (panel: NotebookPanel) => {
      const reactive = tracker.find(panel.context.model);
      if (reactive) {
        const translate = translator ?? nullTranslator;
        const marks = new Marks(panel, reactive, commands, settings, translate);
        const affected = new Affected(panel, reactive, commands, settings, translate);
        const sql = new SqlCells(panel, reactive, languages, translate);
        all.set(panel, marks);
        panel.content.disposed.connect(() => {
          all.delete(panel);
          marks.dispose();
          affected.dispose();
          sql.dispose();
        });
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
      isVisible: () => (tracker.current?.connection ?? 'other') !== 'other',
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
  description: 'Says why the kernel does not follow a notebook, and that a run has ended unseen.',
  autoStart: true,
  requires: [IReactiveTracker, IReactiveSettings],
  optional: [ITranslator],
  activate: (
    app,
    tracker: IReactiveTracker,
    settings: IReactiveSettings,
    translator: ITranslator | null
  ) => {
    const translate = translator ?? nullTranslator;
    const follow = (panel: NotebookPanel) => {
      const reactive = tracker.find(panel.context.model);
      if (reactive?.panels.size === 1) {
        notifyRefusals(reactive, translate);
        notifyFinished(reactive, settings, translate, ({ id }) => app.shell.activateById(id));
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

const held: JupyterFrontEndPlugin<void> = {
  id: '@reactive-kernel/labextension:held',
  description: 'Adds the commands that freeze cells, or leave them to be run by hand.',
  autoStart: true,
  requires: [INotebookTracker, IReactiveTracker],
  optional: [ITranslator, IToolbarWidgetRegistry],
  activate: (
    app,
    notebooks: INotebookTracker,
    tracker: IReactiveTracker,
    translator: ITranslator | null,
    registry: IToolbarWidgetRegistry | null
  ) => {
    const { commands } = app;
    addHeldCommands(commands, notebooks, tracker, translator ?? nullTranslator);
    registry?.addFactory('Cell', 'reactiveFrozen', () => new FreezeButton(commands));
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

const panel: JupyterFrontEndPlugin<void> = {
  id: '@reactive-kernel/labextension:panel',
  description: 'Shows the cells of the notebook in front, what depends on what, and the variables.',
  autoStart: true,
  requires: [INotebookTracker, IReactiveTracker, IReactiveSettings],
  optional: [ILayoutRestorer, ITranslator],
  activate: (
    app,
    notebooks: INotebookTracker,
    tracker: IReactiveTracker,
    settings: IReactiveSettings,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const { commands, shell } = app;
    const subject = new Subject(notebooks, tracker, shell);
    const panel = new ReactivePanel(subject, settings, translator ?? nullTranslator);
    shell.add(panel, 'right', { rank: 300 });
    restorer?.add(panel, panel.id);

    const trans = (translator ?? nullTranslator).load('reactive_kernel');
    commands.addCommand(CommandIDs.showPanel, {
      label: trans.__('Show Reactive Panel'),
      caption: trans.__('Show the cells, what depends on what, and the variables at the side'),
      describedBy: NO_ARGUMENTS,
      execute: () => shell.activateById(panel.id)
    });
  }
};

const toolbar: JupyterFrontEndPlugin<void> = {
  id: '@reactive-kernel/labextension:toolbar',
  description:
    'Shows the mode and the runs of a notebook in its toolbar, and runs its stale cells.',
  autoStart: true,
  requires: [IReactiveTracker, IToolbarWidgetRegistry],
  optional: [ITranslator],
  activate: (
    app,
    tracker: IReactiveTracker,
    registry: IToolbarWidgetRegistry,
    translator: ITranslator | null
  ) => {
    const { commands, shell } = app;
    const translate = translator ?? nullTranslator;
    registry.addFactory<NotebookPanel>('Notebook', 'reactiveMode', panel => {
      return new ToolbarPlace(panel, tracker, reactive => [new ModeSwitch(reactive, translate)]);
    });
    registry.addFactory<NotebookPanel>('Notebook', 'reactiveRun', panel => {
      const runStale = () => {
        // The command runs the cells of the notebook in front.
        shell.activateById(panel.id);
        void commands.execute(CommandIDs.runStale);
      };
      return new ToolbarPlace(panel, tracker, reactive => {
        const button = new RunStaleButton(reactive, translate, runStale);
        return [new Cascade(panel, reactive, button, translate), button];
      });
    });
  }
};

const confirmation: JupyterFrontEndPlugin<void> = {
  id: '@reactive-kernel/labextension:confirmation',
  description: 'Asks before runs that take long.',
  autoStart: true,
  requires: [IReactiveTracker, INotebookCellExecutor, IReactiveSettings],
  optional: [ITranslator],
  activate: (
    _,
    tracker: IReactiveTracker,
    executor: INotebookCellExecutor,
    settings: IReactiveSettings,
    translator: ITranslator | null
  ) => {
    const all = new WeakMap<ReactiveNotebook, Confirmation>();
    const follow = (panel: NotebookPanel) => {
      const reactive = tracker.find(panel.context.model);
      if (reactive && !all.has(reactive)) {
        all.set(reactive, new Confirmation(reactive, settings, translator ?? nullTranslator));
      }
    };
    tracker.panels.forEach(follow);
    tracker.panelAdded.connect((_, panel) => follow(panel));
    if (executor instanceof ReactiveCellExecutor) {
      executor.allows = async (reactive, cells, { scope }) =>
        (await all.get(reactive)?.allows(cells, scope)) ?? true;
    }
  }
};

const tour: JupyterFrontEndPlugin<void> = {
  id: '@reactive-kernel/labextension:tour',
  description: 'Shows those who are new what there is, once, and then from the menu Help.',
  autoStart: true,
  requires: [INotebookTracker, IReactiveTracker, IReactiveSettings],
  optional: [ITranslator],
  activate: (
    app,
    notebooks: INotebookTracker,
    tracker: IReactiveTracker,
    settings: IReactiveSettings,
    translator: ITranslator | null
  ) => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load('reactive_kernel');
    const isOpen = () => tracker.current?.connection === 'open';
    let shown: Tour | null = null;
    commands.addCommand(CommandIDs.tour, {
      label: trans.__('Tour of Reactive Notebooks'),
      caption: trans.__('Show in five steps what a notebook with a reactive kernel has'),
      describedBy: NO_ARGUMENTS,
      isEnabled: isOpen,
      execute: () => {
        const panel = notebooks.currentWidget;
        shown?.dispose();
        if (panel) {
          shown = new Tour(stopsAt(panel, commands, trans), trans);
          shown.start();
        }
      }
    });
    const offer = () => {
      if (isOpen() && settings.tour) {
        tracker.currentChanged.disconnect(offer);
        offerTour(() => void commands.execute(CommandIDs.tour), trans);
        settings.endTour().catch(() => undefined);
      }
    };
    tracker.currentChanged.connect(offer);
  }
};

export default [
  executor,
  settings,
  tracker,
  marks,
  relations,
  notices,
  commands,
  held,
  status,
  toolbar,
  confirmation,
  panel,
  tour
];
