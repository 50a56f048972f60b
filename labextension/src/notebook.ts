import type { ISessionContext } from '@jupyterlab/apputils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { KernelMessage } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { Client, CommClosedError, ProtocolError } from './client';
import { digest } from './digest';
import { Graph } from './graph';
import { Mirror } from './mirror';
import type {
  Event,
  ICell,
  IEdited,
  IError,
  IGraph,
  IOpening,
  IWelcome,
  Mode,
  Op
} from './protocol';
import { PROTOCOL } from './protocol';
import { CellStatuses } from './statuses';
import type { IReactiveSettings } from './tokens';

/** The name of the kernel specification that comes with this extension. */
export const KERNEL_NAME = 'reactive';

/** How long a run waits for the kernel to answer the comm, in milliseconds. */
const TIMEOUT = 10000;

/** How long a kernel may take to answer after the connection was lost, in milliseconds. */
const PATIENCE = 3000;

/** After how many edits in a row that the kernel cannot apply the comm is opened anew. */
const REJECTIONS = 3;

/** The key in the metadata of notebooks and cells of what belongs to this extension. */
export const METADATA_KEY = 'reactive_kernel';

/**
 * How a notebook stands with its kernel.
 *
 * - `other`: no kernel, or one that is not reactive;
 * - `opening`: waiting for the kernel's welcome;
 * - `open`: in step with the kernel;
 * - `silent`: the kernel does not answer the comm, or refused it.
 */
export type Connection = 'other' | 'opening' | 'open' | 'silent';

/**
 * An open notebook and what the reactive kernel knows of it.
 */
export class ReactiveNotebook implements IDisposable {
  constructor(
    context: DocumentRegistry.IContext<INotebookModel>,
    settings: IReactiveSettings,
    version: string,
    timeout = TIMEOUT
  ) {
    this._context = context;
    this._settings = settings;
    this._version = version;
    this._timeout = timeout;
    this.statuses = new CellStatuses(context.model, this.graph);
    this._mirror = new Mirror(context.model, () => this._edited);
    this._mirror.changed.connect(this._onEdited, this);
    const { sessionContext } = context;
    sessionContext.kernelChanged.connect(this._onKernelChanged, this);
    sessionContext.statusChanged.connect(this._onKernelStatus, this);
    sessionContext.connectionStatusChanged.connect(this._onConnectionStatus, this);
    sessionContext.iopubMessage.connect(this._onMessage, this);
    context.pathChanged.connect(this._onPathChanged, this);
    // A busy kernel answers late; what is typed until then is not to be taken for old.
    context.ready.then(() => this._isDisposed || this._mirror.hold()).catch(() => undefined);
    this._onKernelChanged();
  }

  /** What depends on what; empty while there is no comm. */
  readonly graph = new Graph();

  /** What the kernel says of its cells; empty while there is no comm. */
  readonly statuses: CellStatuses;

  /** The panels that show the notebook. */
  readonly panels = new Set<NotebookPanel>();

  /** The `msg_id`s of the execute requests that this page has sent to run cells. */
  readonly requests = new Set<string>();

  get connection(): Connection {
    return this._connection;
  }

  /** The open comm, if there is one. */
  get client(): Client | null {
    return this._connection === 'open' ? this._client : null;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get mode(): Mode {
    return this._mode;
  }

  get model(): INotebookModel {
    return this._context.model;
  }

  /** Why the kernel does not follow this notebook, if it refused to. */
  get refusal(): IError | null {
    return this._refusal;
  }

  get sessionContext(): ISessionContext {
    return this._context.sessionContext;
  }

  /** What the user has set for all notebooks. */
  get settings(): IReactiveSettings {
    return this._settings;
  }

  /** Emitted when the connection or the mode is another. */
  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  /** Emitted when the kernel has taken in an edit, of whoever it was. */
  get documentChanged(): ISignal<this, void> {
    return this._documentChanged;
  }

  /** Emitted when the graph is another. */
  get graphChanged(): ISignal<this, void> {
    return this._graphChanged;
  }

  /** What the kernel sends about runs. */
  get event(): ISignal<this, Event> {
    return this._event;
  }

  /**
   * The client, as soon as the kernel has welcomed it.
   *
   * @returns Null if the kernel does not answer in time, refuses, or is not a reactive one.
   */
  async ready(): Promise<Client | null> {
    if (this._connection === 'opening') {
      await within(this._settled.promise, this._timeout);
    }
    return this.client;
  }

  /**
   * Send what has been typed and not been sent.
   */
  flush(): void {
    this._mirror.flush();
  }

  /**
   * Whether this was the document a little while ago, or is now.
   */
  hasHeld(cells: readonly ICell[]): boolean {
    return this._mirror.hasHeld(cells);
  }

  /**
   * Ask whether the kernel's mirror is true, and open the comm anew if it is not: what was
   * changed on either side since they last agreed is then brought together.
   *
   * @returns What the kernel answered; null if there is no comm.
   */
  async check(): Promise<{ match: boolean; digest: string; revision: number } | null> {
    for (;;) {
      const client = await this.ready();
      if (!client) {
        return null;
      }
      const heard = this._heard;
      const own = digest(this._mirror.cells());
      const answer = await client.request('check', { digest: own }).catch((error: unknown) => {
        if (client === this.client) {
          throw error;
        }
        return null;
      });
      if (!answer || (!answer.match && heard !== this._heard)) {
        continue; // A new comm has been opened, or others have edited the notebook on the way.
      }
      if (client === this.client) {
        if (answer.match) {
          this._revision = answer.revision;
        } else {
          await this._open(client.kernel);
        }
      }
      return { match: answer.match, digest: own, revision: answer.revision };
    }
  }

  /**
   * Set the mode, in the kernel and as this notebook's own setting.
   */
  async setMode(mode: Mode): Promise<void> {
    await this.client?.request('set_mode', { mode });
    const settings: unknown = this.model.getMetadata(METADATA_KEY);
    this.model.setMetadata(METADATA_KEY, { ...(settings as object | undefined), mode });
    this._setMode(mode);
  }

  /**
   * Close the comm.
   */
  close(): void {
    this._opening++;
    const client = this._client;
    this._client = null;
    client?.dispose();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._mirror.dispose();
    this.close();
    this._setConnection('other');
    Signal.clearData(this.statuses);
    Signal.clearData(this);
  }

  private _onKernelChanged(): void {
    this.close();
    this._session = null;
    const kernel = this._kernel;
    if (!kernel) {
      this._forget();
      this._setConnection('other');
      return;
    }
    this._setConnection('opening');
    if (kernel.connectionStatus === 'connected') {
      void this._open(kernel);
    }
  }

  private _onKernelStatus(_: ISessionContext, status: Kernel.Status): void {
    if (!this._kernel) {
      return;
    }
    if (status === 'restarting' || status === 'autorestarting') {
      this.close();
      this._session = null;
      this._forget();
      this._setConnection('opening');
    } else if (status === 'dead' || status === 'terminating') {
      this.close();
      this._forget();
      this._setConnection('silent');
    }
  }

  /**
   * Find out that another page has restarted the kernel, which nobody tells this one.
   */
  private _onMessage(_: ISessionContext, msg: KernelMessage.IMessage): void {
    const client = this.client;
    if (!client || client.kernelSession === msg.header.session || isOfServer(msg)) {
      return;
    }
    this._client = null;
    client.abandon();
    this._session = null;
    this._forget();
    void this._open(client.kernel);
  }

  private _onConnectionStatus(_: ISessionContext, status: Kernel.ConnectionStatus): void {
    const kernel = this._kernel;
    if (!kernel || status !== 'connected') {
      return;
    }
    if (this.client) {
      void this._resume(this.client);
    } else {
      void this._open(kernel);
    }
  }

  /** The kernel, if it is a reactive one. */
  private get _kernel(): Kernel.IKernelConnection | null {
    const kernel = this._context.sessionContext.session?.kernel ?? null;
    return kernel?.name === KERNEL_NAME ? kernel : null;
  }

  /** The cell in which somebody is typing on this page. */
  private get _edited(): string | null {
    for (const { content } of this.panels) {
      if (content.mode === 'edit' && content.activeCell) {
        return content.activeCell.model.id;
      }
    }
    return null;
  }

  /**
   * Open a comm; whatever opening was under way before is given up.
   */
  private async _open(kernel: Kernel.IKernelConnection): Promise<void> {
    this.close();
    this._refusal = null;
    if (!kernel.handleComms) {
      // JupyterLab has one connection of a page to a kernel handle comms.
      this._refusal = {
        code: 'other_document',
        message: 'Another notebook or console of this page uses the same kernel.'
      };
      this._setConnection('silent');
      return;
    }
    const opening = this._opening;
    const outdated = () => opening !== this._opening;
    this._setConnection('opening');
    const timer = window.setTimeout(() => this._setConnection('silent'), this._timeout);
    try {
      await this._context.ready;
      if (outdated()) {
        return;
      }
      const client = (this._client = new Client(kernel));
      await client.prepare();
      if (outdated()) {
        return;
      }
      client.closed.connect(this._onClosed, this);
      client.event.connect(this._onEvent, this);
      const welcome = await client.open(this._introduction());
      if (!outdated()) {
        this._onWelcome(welcome);
      }
    } catch (error) {
      if (!outdated()) {
        this._refusal = error instanceof ProtocolError ? error : null;
        this._forget();
        this._setConnection('silent');
      }
    } finally {
      window.clearTimeout(timer);
    }
  }

  private _introduction(): IOpening {
    const { model, localPath: path } = this._context;
    return {
      protocol: PROTOCOL,
      client: { name: '@reactive-kernel/labextension', version: this._version, kind: 'frontend' },
      path,
      cells: this._mirror.hold(),
      // A kernel that has welcomed this page before has a mode, which somebody may have changed.
      mode: ownMode(model) ?? (this._session === null ? this._settings.mode : null),
      shared: model.collaborative ?? false,
      session: this._session,
      revision: this._session === null ? null : this._revision,
      batches: true
    };
  }

  private _onWelcome(welcome: IWelcome): void {
    this._session = welcome.session;
    this._revision = welcome.revision;
    this._setConnection('open');
    this._setMode(welcome.mode);
    this.statuses.reset(welcome.status);
    this._setGraph(welcome.graph);
    if (welcome.adopted) {
      this._mirror.release(null);
    } else {
      this._mirror.release(welcome.cells, welcome.apply);
    }
  }

  /**
   * Go on after the connection was lost and came back: the kernel may have lived through it.
   */
  private async _resume(client: Client): Promise<void> {
    const resumed = async () => {
      await this.check();
      const { cells } = await client.request('status', {});
      this.statuses.update(cells);
      return true;
    };
    const answered = await within(
      resumed().catch(() => false),
      PATIENCE
    );
    if (!answered && client === this.client) {
      // The kernel has forgotten the client, and the subshell that it had.
      this._client = null;
      client.abandon();
      await this._open(client.kernel);
    }
  }

  private _onClosed(client: Client, error: Error): void {
    if (client !== this._client || this._connection !== 'open') {
      return;
    }
    this._client = null;
    if (error instanceof CommClosedError && this._kernel) {
      // The kernel took this page for one that is gone.
      void this._open(this._kernel);
      return;
    }
    this._forget();
    this._setConnection(this._kernel ? 'silent' : 'other');
  }

  private _onPathChanged(): void {
    const { localPath: path } = this._context;
    this.client?.request('rename', { path }).catch(() => undefined);
  }

  /**
   * Send an edit. If the kernel cannot apply it, others were first: once their edits are taken
   * in, what is still different is sent.
   */
  private _onEdited(_: Mirror, ops: Op[]): void {
    const client = this.client;
    if (!client) {
      return;
    }
    const heard = this._heard;
    const settle = (accepted: boolean) => {
      if (client !== this.client) {
        return;
      }
      this._mirror.settle(accepted);
      this._rejected = accepted ? 0 : this._rejected + 1;
      if (this._rejected > REJECTIONS) {
        this._rejected = 0;
        void this._open(client.kernel);
      } else if (!accepted) {
        this._mirror.flush();
      } else if (heard !== this._heard) {
        this._verify();
      }
    };
    client.request('edit', { ops }).then(
      ({ revision }) => {
        settle(true);
        this._advance(revision);
      },
      () => settle(false)
    );
  }

  private _onEvent(client: Client, event: Event): void {
    if (client !== this._client) {
      return;
    }
    switch (event.type) {
      case 'edited':
        this._onOthersEdited(event);
        break;
      case 'status':
        this.statuses.update(event.cells);
        break;
      case 'graph':
        this.graph.update(event);
        this._graphChanged.emit();
        break;
      case 'mode':
        this._setMode(event.mode);
        break;
      default:
        this._event.emit(event);
    }
  }

  private _onOthersEdited({ revision, ops, apply }: IEdited): void {
    this._heard++;
    this._advance(revision);
    if (!this._mirror.apply(ops, apply)) {
      this._verify();
    }
  }

  /**
   * Note the revision that the notebook has come to.
   *
   * #### Notes
   * Where one is left out, the connection has lost what led there: a merge must start before it.
   */
  private _advance(revision: number): void {
    this._documentChanged.emit();
    if (revision <= this._revision + 1) {
      this._revision = Math.max(this._revision, revision);
    } else {
      this._verify();
    }
  }

  private _verify(): void {
    this.check().catch(() => undefined);
  }

  private _forget(): void {
    this.requests.clear();
    this.statuses.reset({});
    this._setGraph({ edges: [], problems: [] });
  }

  private _setGraph(graph: Pick<IGraph, 'edges' | 'problems'>): void {
    this.graph.reset(graph);
    this._graphChanged.emit();
  }

  private _setMode(mode: Mode): void {
    if (mode !== this._mode) {
      this._mode = mode;
      this._stateChanged.emit();
    }
  }

  private _setConnection(connection: Connection): void {
    if (connection === 'opening' && this._connection !== 'opening') {
      this._settled = new PromiseDelegate();
    } else if (connection !== 'opening') {
      this._settled.resolve();
    }
    if (connection !== this._connection) {
      this._connection = connection;
      this._stateChanged.emit();
    }
  }

  private _client: Client | null = null;
  private _connection: Connection = 'other';
  private _context: DocumentRegistry.IContext<INotebookModel>;
  private _documentChanged = new Signal<this, void>(this);
  private _event = new Signal<this, Event>(this);
  private _graphChanged = new Signal<this, void>(this);
  private _heard = 0;
  private _isDisposed = false;
  private _mirror: Mirror;
  private _mode: Mode = 'auto';
  private _opening = 0;
  private _refusal: IError | null = null;
  private _rejected = 0;
  private _revision = 0;
  private _session: string | null = null;
  private _settings: IReactiveSettings;
  private _settled = new PromiseDelegate<void>();
  private _stateChanged = new Signal<this, void>(this);
  private _timeout: number;
  private _version: string;
}

/** Whether it is jupyter_server that tells of a kernel's end. */
function isOfServer(msg: KernelMessage.IMessage): boolean {
  return (
    KernelMessage.isStatusMsg(msg) && ['restarting', 'dead'].includes(msg.content.execution_state)
  );
}

/** The mode that the notebook itself asks for. */
function ownMode(model: INotebookModel): Mode | null {
  const settings = model.getMetadata(METADATA_KEY) as { mode?: unknown } | undefined;
  const mode = settings?.mode;
  return mode === 'auto' || mode === 'lazy' ? mode : null;
}

/** What a promise resolves to, or undefined once the time is over. */
async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer = 0;
  const timeout = new Promise<undefined>(resolve => {
    timer = window.setTimeout(resolve, milliseconds);
  });
  return Promise.race([promise, timeout]).finally(() => window.clearTimeout(timer));
}
