import type { ISessionContext } from '@jupyterlab/apputils';
import type { Cell, ICodeCellModel } from '@jupyterlab/cells';
import { CodeCell } from '@jupyterlab/cells';
import type { INotebookCellExecutor } from '@jupyterlab/notebook';
import { runCell } from '@jupyterlab/notebook';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';

import type { Client } from './client';
import { ProtocolError } from './client';
import type { ReactiveNotebook } from './notebook';
import { Overlays } from './overlays';
import type { Event, IRunFinished, Scope, Verdict } from './protocol';

type RunCellOptions = INotebookCellExecutor.IRunCellOptions;

type ExecuteFuture = Kernel.IShellFuture<
  KernelMessage.IExecuteRequestMsg,
  KernelMessage.IExecuteReplyMsg
>;

/**
 * How the cells that are gathered in one tick are to run; each gathering has an object of its own.
 */
export interface IRunRequest {
  readonly scope?: Scope;
}

/** Whether these cells of a notebook are to run, which it may take the user a while to say. */
export type Allows = (
  reactive: ReactiveNotebook,
  cells: string[],
  request: IRunRequest
) => Promise<boolean>;

/** A cell that somebody asked to run, and waits for. */
interface IAsked {
  readonly options: RunCellOptions;
  readonly done: PromiseDelegate<boolean>;
}

/** Cells that were asked for in one tick. */
interface IBatch {
  readonly request: IRunRequest;
  readonly asked: Map<string, IAsked>;
}

/** A run of the kernel in which this page has a part. */
class Run {
  constructor(readonly id: string) {}

  /** Whether the reply to the request has come, if the run is of this page. */
  attached = false;
  /** The cells that somebody waits for. */
  readonly asked = new Map<string, IAsked>();
  /** The cells that the kernel executes, or will. */
  readonly sent = new Set<string>();
  /** How the cells ended that have. */
  readonly settled = new Map<string, boolean>();
  finished: IRunFinished | null = null;
}

/**
 * Carries out the runs of one notebook: asks the kernel for them, and executes what it names.
 */
export class Runner {
  constructor(reactive: ReactiveNotebook, allows: Allows) {
    this._allows = allows;
    this._reactive = reactive;
    reactive.event.connect(this._onEvent, this);
    reactive.stateChanged.connect(this._onStateChanged, this);
  }

  /**
   * Add a cell to the run that this tick asks for.
   *
   * @returns Whether the cell ran and was clean, or did not have to run; never rejects, unless
   * the kernel does not answer and the cell runs as in plain JupyterLab.
   */
  add(options: RunCellOptions, request: IRunRequest): Promise<boolean> {
    this._template = options;
    if (this._batch?.request !== request) {
      const batch: IBatch = { request, asked: new Map() };
      this._batch = batch;
      queueMicrotask(() => {
        if (this._batch === batch) {
          this._batch = null;
        }
        void this._start(batch);
      });
    }
    const { asked } = this._batch;
    const { id } = options.cell.model;
    const entry = asked.get(id) ?? { options, done: new PromiseDelegate<boolean>() };
    asked.set(id, entry);
    return entry.done.promise;
  }

  /**
   * Ask for a run, if it is allowed; without an answer run its cells as in plain JupyterLab.
   */
  private async _start({ request, asked }: IBatch): Promise<void> {
    if (!(await this._allows(this._reactive, [...asked.keys()], request))) {
      asked.forEach(({ done }) => done.resolve(false));
      return;
    }
    const client = await this._reactive.ready();
    if (!client) {
      runPlain(asked);
      return;
    }
    try {
      const run = await this._request(client, [...asked.keys()], request);
      run.attached = true;
      asked.forEach((entry, id) => run.asked.set(id, entry));
      this._settle(run);
    } catch (error) {
      if (error instanceof ProtocolError) {
        runPlain(asked);
      } else {
        // The kernel restarted under the run.
        asked.forEach(({ done }) => done.resolve(false));
      }
    }
  }

  private async _request(
    client: Client,
    cells: string[],
    { scope = 'reactive' }: IRunRequest
  ): Promise<Run> {
    this._reactive.flush();
    const start = async (ids: string[]) => {
      const fields = { cells: ids, scope, look_ahead: this._reactive.settings.lookAhead };
      return this._run((await client.request('run', fields)).run);
    };
    try {
      return await start(cells);
    } catch (error) {
      if (error instanceof ProtocolError && error.code === 'unknown_cell') {
        // Another page has deleted one of them, unless the kernel has missed something.
        await this._reactive.check();
        return start(cells.filter(id => this._cell(id)));
      }
      throw error;
    }
  }

  private _onEvent(_: ReactiveNotebook, event: Event): void {
    switch (event.type) {
      case 'run_started':
        if (event.origin === this._reactive.client?.id) {
          this._run(event.run);
        }
        break;
      case 'execute':
        // Listeners go through the notebook for each transaction.
        this._reactive.model.sharedModel.transact(() => {
          for (const id of [event.cell_id, ...event.then]) {
            this._execute(this._run(event.run, true), id);
          }
        }, false);
        break;
      case 'run_finished': {
        const run = this._runs.get(event.run);
        if (run) {
          run.finished = event;
          this._settle(run);
        }
        break;
      }
    }
  }

  private _onStateChanged(): void {
    if (this._reactive.client) {
      return;
    }
    // Futures of what was sent are rejected on their own.
    for (const run of this._runs.values()) {
      run.asked.forEach(({ done }) => done.resolve(false));
    }
    this._runs.clear();
  }

  private _run(id: string, attached = false): Run {
    let run = this._runs.get(id);
    if (!run) {
      run = new Run(id);
      // A run of another client is never asked for here; that it is ours is known by then.
      run.attached = attached;
      this._runs.set(id, run);
    }
    return run;
  }

  /**
   * Resolve what can be, and forget a run that is over.
   */
  private _settle(run: Run): void {
    for (const [id, { done }] of run.asked) {
      const settled = run.settled.get(id);
      if (settled !== undefined) {
        done.resolve(settled);
        run.asked.delete(id);
      } else if (run.finished && !run.sent.has(id)) {
        const { blocked, failed, cancelled } = run.finished;
        done.resolve(!cancelled && !blocked.includes(id) && !failed.includes(id));
        run.asked.delete(id);
      }
    }
    if (run.finished && run.attached && run.sent.size === 0) {
      this._runs.delete(run.id);
    }
  }

  /**
   * Send a cell to the kernel; show it as running, but leave its outputs until it does run.
   */
  private _execute(run: Run, id: string): void {
    const { sessionContext } = this._reactive;
    const cell = this._cell(id);
    const kernel = sessionContext.session?.kernel;
    if (cell?.model.type !== 'code' || !kernel) {
      return;
    }
    this._reactive.flush();
    const options = this._options(run, cell);
    const model = cell.model as ICodeCellModel;
    const code = model.sharedModel.getSource();
    const { recordTiming } = options.notebookConfig;
    const future = kernel.requestExecute({ code, stop_on_error: false }, false, {
      ...model.metadata,
      recordTiming,
      cellId: id
    });
    run.sent.add(id);
    this._reactive.requests.add(future.msg.header.msg_id);
    model.executionState = 'running';

    let started: Promise<boolean> | null = null;
    const timing: Record<string, string> = {};
    const start = () => {
      future.removeMessageHook(hook);
      future.onStdin = () => undefined;
      started = this._show(options, id, future, recordTiming ? timing : null);
    };
    const hook = (msg: KernelMessage.IIOPubMessage) => {
      const date = msg.header.date || new Date().toISOString();
      if (msg.header.msg_type === 'status') {
        timing['iopub.status.busy'] = date;
      } else if (msg.header.msg_type === 'execute_input') {
        timing['iopub.execute_input'] = date;
        start();
      }
      return true;
    };
    // A question may overtake `execute_input`, which comes by another channel.
    future.onStdin = msg => {
      start();
      return future.onStdin(msg);
    };
    future.registerMessageHook(hook);

    const ended = async () => {
      try {
        const reply = await future.done;
        return started ? await started : passedOver(reply);
      } catch {
        return false; // The kernel restarted or died.
      } finally {
        if (!started && !model.isDisposed) {
          model.executionState = 'idle';
        }
        if (!started) {
          future.dispose();
        }
        if (!model.isDisposed && model.sharedModel.getSource() !== code) {
          // It was edited after it was sent; the kernel may have taken the old text for new.
          this._reactive.check().catch(() => undefined);
        }
      }
    };
    void ended().then(success => {
      run.sent.delete(id);
      run.settled.set(id, success);
      this._settle(run);
    });
  }

  /**
   * Have JupyterLab itself handle what comes from a cell that has begun to run.
   */
  private async _show(
    options: RunCellOptions,
    id: string,
    future: ExecuteFuture,
    timing: Record<string, string> | null
  ): Promise<boolean> {
    const cell = this._cell(id);
    if (!cell) {
      return false;
    }
    if (cell instanceof CodeCell) {
      this._overlays.follow(cell);
    }
    const shown = runCell({ ...options, cell, sessionContext: facade(future) });
    if (timing) {
      const known = cell.model.getMetadata('execution') as object | undefined;
      cell.model.setMetadata('execution', { ...known, ...timing });
    }
    return shown.catch(() => false);
  }

  /** The options to run a cell with: those it was asked for with, or others of this notebook. */
  private _options(run: Run, cell: Cell): RunCellOptions {
    const options = run.asked.get(cell.model.id)?.options ?? this._template;
    return options
      ? { ...options, cell }
      : {
          cell,
          notebook: this._reactive.model,
          notebookConfig: this._panel!.content.notebookConfig,
          onCellExecuted: () => undefined,
          onCellExecutionScheduled: () => undefined
        };
  }

  private _cell(id: string): Cell | undefined {
    const known = this._cells.get(id);
    if (known && !known.isDisposed) {
      return known;
    }
    const widgets = this._panel?.content.widgets ?? [];
    this._cells = new Map(widgets.map(cell => [cell.model.id, cell]));
    return this._cells.get(id);
  }

  private get _panel() {
    return [...this._reactive.panels].find(panel => !panel.isDisposed);
  }

  private _allows: Allows;
  private _batch: IBatch | null = null;
  /** The cells by their ids, as they were when one of them was last not found. */
  private _cells = new Map<string, Cell>();
  private _overlays = new Overlays();
  private _reactive: ReactiveNotebook;
  private _runs = new Map<string, Run>();
  private _template: RunCellOptions | null = null;
}

/** Run cells as JupyterLab does without this extension. */
function runPlain(asked: Map<string, IAsked>): void {
  for (const { options, done } of asked.values()) {
    runCell(options).then(done.resolve.bind(done), done.reject.bind(done));
  }
}

/** Whether it is well that the kernel did not execute a cell. */
function passedOver(reply: KernelMessage.IExecuteReplyMsg): boolean {
  const metadata = reply.metadata.reactive as { verdict?: Verdict } | undefined;
  return metadata?.verdict === 'unchanged';
}

/**
 * As much of a session as `runCell` looks at, whose kernel has the request already.
 */
function facade(future: ExecuteFuture): ISessionContext {
  return {
    isTerminating: false,
    pendingInput: false,
    hasNoKernel: false,
    session: { kernel: { requestExecute: () => future } }
  } as unknown as ISessionContext;
}
