import { CodeCell, isCodeCellModel, type ICodeCellModel } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import { KernelMessage } from '@jupyterlab/services';
import type { ISessionContext } from '@jupyterlab/apputils';

import type { ReactiveNotebook } from './notebook';
import type { CellStatuses } from './statuses';

/** How long to wait for the last outputs of a cell that is no longer running, in milliseconds. */
const TIMEOUT = 1000;

/** A cell that another client runs, or has run last. */
class Execution {
  constructor(
    readonly cellId: string,
    readonly msgId: string
  ) {}

  /** Where the outputs with a display id are. */
  readonly displays = new Map<string, number[]>();
  executionCount: number | null = null;
}

/**
 * Shows what cells put out that other clients of the kernel run.
 *
 * #### Notes
 * The kernel sends outputs to all its clients; which cell they belong to is told by the status
 * `running`. Outputs are handed to the model as JupyterLab does with those of its own requests,
 * but nothing makes the cell trusted: nobody on this page has run it. In a notebook that is
 * shared by a collaboration layer, that layer brings the outputs.
 */
export class RunsElsewhere {
  constructor(reactive: ReactiveNotebook) {
    this._reactive = reactive;
    if (!reactive.model.collaborative) {
      reactive.statuses.changed.connect(this._onStatusChanged, this);
      reactive.sessionContext.iopubMessage.connect(this._onMessage, this);
    }
  }

  private _onStatusChanged(statuses: CellStatuses, ids: readonly string[] | null): void {
    if (ids === null) {
      const known = Array.from(this._reactive.model.cells, cell => cell.id);
      ids = [...new Set([...known, ...this._executions.keys()])];
    }
    for (const id of ids) {
      const msgId = statuses.get(id)?.msg_id ?? null;
      const execution = this._executions.get(id);
      if (msgId !== null) {
        this._start(id, msgId);
      } else if (execution?.msgId === this._running) {
        window.setTimeout(() => this._finish(execution), TIMEOUT);
      }
    }
  }

  private _onMessage(_: ISessionContext, message: KernelMessage.IMessage): void {
    const msg = message as KernelMessage.IIOPubMessage;
    this._updateDisplays(msg);
    const { msg_id: msgId, session } = msg.parent_header as KernelMessage.IHeader;
    if (!msgId || session === this._clientId) {
      return;
    }
    const execution = [...this._executions.values()].find(known => known.msgId === msgId);
    if (KernelMessage.isExecuteInputMsg(msg)) {
      // It may come before the status that names the cell.
      this._begun = msgId;
      this._executionCount = msg.content.execution_count;
      if (execution) {
        execution.executionCount = this._executionCount;
      }
      return;
    }
    if (!execution) {
      return;
    }
    if (KernelMessage.isStatusMsg(msg)) {
      if (msg.content.execution_state === 'idle') {
        this._finish(execution);
      }
    } else {
      this._show(execution, msg);
    }
  }

  /** Take in that a cell is running. */
  private _start(id: string, msgId: string): void {
    if (this._executions.get(id)?.msgId === msgId) {
      return;
    }
    const cell = this._widget(id);
    const future = cell?.outputArea.future as CodeCell['outputArea']['future'] | null | undefined;
    if (this._reactive.requests.has(msgId) || future?.msg.header.msg_id === msgId) {
      this._executions.delete(id); // This page runs it.
      return;
    }
    const execution = new Execution(id, msgId);
    this._executions.set(id, execution);
    this._running = msgId;
    // The outputs of a run that began unseen are not all here: they get no number.
    execution.executionCount = msgId === this._begun ? this._executionCount : null;
    cell?.outputArea.detachFuture()?.dispose();
    this._change(id, model => {
      model.outputs.clear();
      model.executionCount = null;
      model.executionState = 'running';
    });
  }

  private _finish(execution: Execution): void {
    if (execution.msgId !== this._running) {
      return;
    }
    this._running = null;
    this._change(execution.cellId, model => {
      model.executionCount = execution.executionCount;
      model.executionState = 'idle';
    });
  }

  private _show(execution: Execution, msg: KernelMessage.IIOPubMessage): void {
    this._change(execution.cellId, ({ outputs }) => {
      if (KernelMessage.isClearOutputMsg(msg)) {
        outputs.clear(msg.content.wait);
        return;
      }
      const output = outputOf(msg);
      if (!output) {
        return;
      }
      outputs.add(output);
      const displayId = displayIdOf(msg);
      if (displayId !== null) {
        const places = execution.displays.get(displayId) ?? [];
        execution.displays.set(displayId, [...places, outputs.length - 1]);
      }
    });
  }

  /** Bring outputs with the display id of a message up to date. */
  private _updateDisplays(msg: KernelMessage.IIOPubMessage): void {
    const displayId = displayIdOf(msg);
    if (displayId === null) {
      return;
    }
    const content = msg.content as Omit<IOutput, 'output_type'>;
    for (const { cellId, displays } of this._executions.values()) {
      const places = displays.get(displayId);
      if (places) {
        this._change(cellId, ({ outputs }) => {
          for (const place of places.filter(place => place < outputs.length)) {
            outputs.set(place, { ...content, output_type: 'display_data' });
          }
        });
      }
    }
  }

  /** Change a cell, if it is there. */
  private _change(id: string, change: (model: ICodeCellModel) => void): void {
    for (const model of this._reactive.model.cells) {
      if (model.id === id && isCodeCellModel(model)) {
        change(model);
      }
    }
  }

  private _widget(id: string): CodeCell | undefined {
    for (const { content } of this._reactive.panels) {
      const cell = content.widgets.find(({ model }) => model.id === id);
      if (cell instanceof CodeCell) {
        return cell;
      }
    }
    return undefined;
  }

  private get _clientId(): string | undefined {
    return this._reactive.sessionContext.session?.kernel?.clientId;
  }

  /** The last request of another client that began to run. */
  private _begun: string | null = null;
  private _executionCount: number | null = null;
  /** By cell, the last one by another client. */
  private _executions = new Map<string, Execution>();
  private _reactive: ReactiveNotebook;
  private _running: string | null = null;
}

/** What a message puts out, if it does. */
function outputOf(msg: KernelMessage.IIOPubMessage): IOutput | null {
  return KernelMessage.isStreamMsg(msg) ||
    KernelMessage.isDisplayDataMsg(msg) ||
    KernelMessage.isExecuteResultMsg(msg) ||
    KernelMessage.isErrorMsg(msg)
    ? { ...msg.content, output_type: msg.header.msg_type }
    : null;
}

function displayIdOf({ content }: KernelMessage.IIOPubMessage): string | null {
  const { transient } = content as { transient?: { display_id?: unknown } };
  return typeof transient?.display_id === 'string' ? transient.display_id : null;
}
