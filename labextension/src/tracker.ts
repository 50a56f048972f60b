import type { INotebookModel, INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { ServiceManager } from '@jupyterlab/services';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { RunsElsewhere } from './elsewhere';
import { BeforePaint } from './frames';
import { ReactiveNotebook } from './notebook';
import { Provenance } from './provenance';
import { SavesElsewhere } from './saves';
import type { IReactiveSettings, IReactiveTracker } from './tokens';

/**
 * Keeps a `ReactiveNotebook` for every notebook that a panel shows.
 */
export class ReactiveTracker implements IReactiveTracker {
  constructor(
    notebooks: INotebookTracker,
    services: ServiceManager.IManager,
    settings: IReactiveSettings,
    version: string
  ) {
    this._notebooks = notebooks;
    this._services = services;
    this._settings = settings;
    this._version = version;
  }

  /**
   * Begin with the notebooks that are open, and go on with those that will be.
   */
  start(): void {
    this._notebooks.forEach(panel => this._add(panel));
    this._notebooks.widgetAdded.connect((_, panel) => this._add(panel));
    this._notebooks.currentChanged.connect(() => this._currentChanged.emit());
  }

  get current(): ReactiveNotebook | null {
    const model = this._notebooks.currentWidget?.content.model;
    return model ? this.find(model) : null;
  }

  get currentChanged(): ISignal<this, void> {
    return this._currentChanged;
  }

  get panelAdded(): ISignal<this, NotebookPanel> {
    return this._panelAdded;
  }

  get panels(): readonly NotebookPanel[] {
    return [...this._reactive.values()].flatMap(reactive => [...reactive.panels]);
  }

  find(model: INotebookModel): ReactiveNotebook | null {
    return this._reactive.get(model) ?? null;
  }

  close(): void {
    for (const reactive of this._reactive.values()) {
      reactive.close();
    }
  }

  private _add(panel: NotebookPanel): void {
    const { context } = panel;
    const reactive = this.find(context.model) ?? this._open(context);
    reactive.panels.add(panel);
    // The panel itself says so only after its kernel connection is gone.
    panel.content.disposed.connect(() => this._remove(panel, context.model));
    this._panelAdded.emit(panel);
    this._currentChanged.emit();
  }

  private _open(context: NotebookPanel['context']): ReactiveNotebook {
    const reactive = new ReactiveNotebook(context, this._settings, this._version);
    new RunsElsewhere(reactive);
    new Provenance(reactive, this._settings);
    new SavesElsewhere(reactive, context, this._services);
    reactive.stateChanged.connect(this._onChanged, this);
    reactive.statuses.changed.connect(() => this._onChanged(reactive));
    this._reactive.set(context.model, reactive);
    return reactive;
  }

  private _remove(panel: NotebookPanel, model: INotebookModel): void {
    const reactive = this.find(model);
    reactive?.panels.delete(panel);
    if (reactive?.panels.size === 0) {
      this._reactive.delete(model);
      reactive.dispose();
    }
  }

  private _onChanged(reactive: ReactiveNotebook): void {
    if (reactive === this.current) {
      this._changes.request();
    }
  }

  private _changes = new BeforePaint(() => this._currentChanged.emit());

  private _currentChanged = new Signal<this, void>(this);
  private _services: ServiceManager.IManager;
  private _notebooks: INotebookTracker;
  private _panelAdded = new Signal<this, NotebookPanel>(this);
  private _reactive = new Map<INotebookModel, ReactiveNotebook>();
  private _settings: IReactiveSettings;
  private _version: string;
}
