import type { Kernel } from '@jupyterlab/services';
import { CommsOverSubshells, KernelMessage } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import { PromiseDelegate } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type {
  Event,
  IError,
  IOpening,
  IRequests,
  IWelcome,
  Message,
  Reply,
  RequestType
} from './protocol';
import { COMM_TARGET } from './protocol';

interface ISubshellComm extends Kernel.IComm {
  readonly subshellStarted?: Promise<void>;
  readonly subshellId?: string | null;
}

/**
 * What the kernel answered instead of what it was asked for.
 */
export class ProtocolError extends Error {
  constructor({ code, message }: IError) {
    super(message);
    this.name = 'ProtocolError';
    this.code = code;
  }

  /** The error code, as the protocol lists them. */
  readonly code: string;
}

/**
 * Says that the kernel has closed the comm: it took this client for one that is gone.
 */
export class CommClosedError extends Error {
  constructor() {
    super('The kernel closed the comm');
    this.name = 'CommClosedError';
  }
}

/**
 * One comm to the reactive kernel: requests as promises, events as a signal.
 *
 * #### Notes
 * A client is opened once. After a restart of the kernel a new one takes its place.
 */
export class Client implements IDisposable {
  constructor(readonly kernel: Kernel.IKernelConnection) {
    this._comm = kernel.createComm(COMM_TARGET);
    this._comm.onMsg = msg => this._onMessage(msg);
    this._comm.onClose = () => this._fail(new CommClosedError());
    // The comm is dropped without a word when the kernel restarts.
    kernel.statusChanged.connect(this._onKernelStatus, this);
    kernel.disposed.connect(this.dispose, this);
    this._welcome.promise.catch(() => undefined);
  }

  /** The kernel's name for this client; empty before the welcome. */
  get id(): string {
    return this._id;
  }

  /** The session of the kernel's messages, another one after a restart; empty before the welcome. */
  get kernelSession(): string {
    return this._kernelSession;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** What the kernel sends unasked. */
  get event(): ISignal<this, Event> {
    return this._event;
  }

  /** Emitted when the kernel refuses or closes the comm. */
  get closed(): ISignal<this, Error> {
    return this._closed;
  }

  /**
   * Wait until the comm has a subshell of its own, where the kernel offers one.
   *
   * #### Notes
   * A comm opened before that is handled by the main shell, behind running cells.
   */
  async prepare(): Promise<void> {
    await this.kernel.info;
    if (
      this.kernel.supportsSubshells &&
      this._comm.commsOverSubshells !== CommsOverSubshells.Disabled
    ) {
      // `subshellStarted` is not part of `IComm`; without it the open goes to the main shell.
      await (this._comm as ISubshellComm).subshellStarted;
    }
  }

  /**
   * Open the comm.
   *
   * @returns The kernel's welcome; rejects with a `ProtocolError` when it refuses.
   */
  open(opening: IOpening): Promise<IWelcome> {
    if (!this._isDisposed) {
      this._comm.open(opening as unknown as JSONObject);
    }
    return this._welcome.promise;
  }

  /**
   * Send a request.
   *
   * @returns The reply; rejects with a `ProtocolError` when it is an error.
   */
  async request<T extends RequestType>(
    type: T,
    fields: IRequests[T]['fields']
  ): Promise<IRequests[T]['reply']> {
    if (this._isDisposed) {
      throw new Error('The comm is closed');
    }
    const request = `${++this._requests}`;
    const reply = new PromiseDelegate<object>();
    this._pending.set(request, reply);
    this._comm.send({ type, request, ...fields } as JSONObject);
    return await reply.promise;
  }

  /**
   * Close the comm.
   */
  dispose(): void {
    this._fail(new Error('The comm was closed'), true);
  }

  /**
   * Give up the comm, of which the kernel no longer knows, without JupyterLab's knowing.
   */
  abandon(): void {
    this._fail(new Error('The kernel no longer knows this page'));
    // Else the next comm would be sent to the subshell of this one.
    this._comm.dispose();
  }

  private _onMessage(msg: KernelMessage.ICommMsgMsg): void {
    const message = msg.content.data as unknown as Message;
    switch (message.type) {
      case 'welcome':
        this._id = message.client_id;
        this._kernelSession = msg.header.session;
        this._welcome.resolve(message);
        break;
      case 'refused':
        this._fail(new ProtocolError(message.error));
        break;
      case 'reply':
        this._onReply(message);
        break;
      default:
        this._event.emit(message);
    }
  }

  private _onReply(message: Reply): void {
    const pending = this._pending.get(message.request ?? '');
    if (!pending) {
      return;
    }
    this._pending.delete(message.request ?? '');
    if (message.status === 'ok') {
      pending.resolve(message);
    } else {
      pending.reject(new ProtocolError(message.error));
    }
  }

  private _onKernelStatus(_: Kernel.IKernelConnection, status: Kernel.Status): void {
    if (status === 'restarting' || status === 'autorestarting' || status === 'dead') {
      this._fail(new Error('The kernel restarted'));
    }
  }

  /**
   * End this client: reject what waits, tell the kernel if asked to, and say so.
   */
  private _fail(error: Error, close = false): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.kernel.statusChanged.disconnect(this._onKernelStatus, this);
    this.kernel.disposed.disconnect(this.dispose, this);
    if (close && !this._comm.isDisposed && !this.kernel.isDisposed) {
      this._close();
    }
    this._welcome.reject(error);
    for (const pending of this._pending.values()) {
      pending.reject(error);
    }
    this._pending.clear();
    this._closed.emit(error);
    Signal.clearData(this);
  }

  /**
   * Tell the kernel that this client is gone.
   *
   * #### Notes
   * `IComm.close` would delete the subshell at once, on another channel, and the message
   * on its way to that subshell might never be read.
   */
  private _close(): void {
    const comm: ISubshellComm = this._comm;
    const future = this.kernel.sendShellMessage(
      KernelMessage.createMessage({
        msgType: 'comm_close',
        channel: 'shell',
        username: this.kernel.username,
        session: this.kernel.clientId,
        subshellId: comm.subshellId ?? this.kernel.subshellId,
        content: { comm_id: comm.commId, data: {} }
      })
    );
    future.done.catch(() => undefined).finally(() => comm.dispose());
  }

  private _closed = new Signal<this, Error>(this);
  private _comm: Kernel.IComm;
  private _event = new Signal<this, Event>(this);
  private _id = '';
  private _isDisposed = false;
  private _kernelSession = '';
  private _pending = new Map<string, PromiseDelegate<object>>();
  private _requests = 0;
  private _welcome = new PromiseDelegate<IWelcome>();
}
