import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { CommsOverSubshells } from '@jupyterlab/services';
import { CommHandler } from '@jupyterlab/services/lib/kernel/comm';
import type { JSONObject } from '@lumino/coreutils';
import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Client, ProtocolError } from '../src/client';
import type { Event, IOpening } from '../src/protocol';
import { PROTOCOL } from '../src/protocol';
import { cell } from './cells';

/** As much of a comm as a client uses, with what it was told. */
class FakeComm {
  commsOverSubshells = CommsOverSubshells.PerCommTarget;
  readonly subshell = new PromiseDelegate<void>();
  readonly subshellStarted = this.subshell.promise;
  readonly said: JSONObject[] = [];
  isDisposed = false;
  readonly commId = 'comm';
  readonly subshellId = 'subshell';
  onMsg: (msg: object) => void = () => undefined;
  onClose: () => void = () => undefined;

  open(data: JSONObject): void {
    this.said.push(data);
  }

  send(data: JSONObject): void {
    this.said.push(data);
  }

  dispose(): void {
    this.isDisposed = true;
  }

  hear(data: object): void {
    this.onMsg({ header: { session: 'kernel' }, content: { data } });
  }
}

class FakeKernel {
  readonly comm = new FakeComm();
  readonly disposed = new Signal<this, void>(this);
  readonly info = Promise.resolve({});
  readonly isDisposed = false;
  readonly statusChanged = new Signal<this, Kernel.Status>(this);
  readonly targets: string[] = [];
  readonly sent: KernelMessage.IMessage[] = [];
  readonly done = new PromiseDelegate<void>();
  supportsSubshells = true;

  sendShellMessage(message: KernelMessage.IMessage): { done: Promise<void> } {
    this.sent.push(message);
    return { done: this.done.promise };
  }

  createComm(target: string): FakeComm {
    this.targets.push(target);
    return this.comm;
  }
}

const opening: IOpening = {
  protocol: PROTOCOL,
  client: { name: 'test', version: '0', kind: 'frontend' },
  path: 'nb.ipynb',
  cells: [cell('a', 'x = 1')],
  mode: null,
  shared: false,
  session: null,
  revision: null,
  batches: true
};

let kernel: FakeKernel;
let comm: FakeComm;
let client: Client;

beforeEach(() => {
  kernel = new FakeKernel();
  comm = kernel.comm;
  client = new Client(kernel as unknown as Kernel.IKernelConnection);
});

describe('Client', () => {
  it('opens a comm to the kernel and waits for its welcome', async () => {
    const welcome = client.open(opening);
    expect(kernel.targets).toEqual(['reactive_kernel']);
    expect(comm.said).toEqual([opening]);
    comm.hear({ type: 'welcome', client_id: 'c1', revision: 4 });
    expect(await welcome).toMatchObject({ revision: 4 });
    expect(client.id).toBe('c1');
    expect(client.kernelSession).toBe('kernel');
  });

  it('leaves nothing for the next comm when the kernel is gone', async () => {
    const welcome = client.open(opening);
    client.abandon();
    await expect(welcome).rejects.toThrow('no longer knows');
    expect(comm.isDisposed).toBe(true);
    expect(kernel.sent).toEqual([]);
  });

  it('waits for a subshell before it opens', async () => {
    let prepared = false;
    const done = client.prepare().then(() => {
      prepared = true;
    });
    await Promise.resolve();
    await Promise.resolve();
    expect(prepared).toBe(false);
    comm.subshell.resolve();
    await done;
  });

  it.each([
    ['the kernel has none', () => (kernel.supportsSubshells = false)],
    ['the user wants none', () => (comm.commsOverSubshells = CommsOverSubshells.Disabled)]
  ])('does not wait for a subshell where %s', async (_, arrange) => {
    arrange();
    await client.prepare();
  });

  it.each(['subshellStarted', 'subshellId'])('knows comms that have %s', name => {
    expect(Object.getOwnPropertyDescriptor(CommHandler.prototype, name)).toBeDefined();
  });

  it('rejects the opening when the kernel refuses it', async () => {
    const welcome = client.open(opening);
    comm.hear({ type: 'refused', error: { code: 'other_document', message: 'busy' } });
    await expect(welcome).rejects.toMatchObject({ code: 'other_document', message: 'busy' });
    expect(client.isDisposed).toBe(true);
  });

  it('answers each request with its own reply, in whatever order they come', async () => {
    const first = client.request('check', { digest: '0' });
    const second = client.request('set_mode', { mode: 'lazy' });
    const [{ request: one }, { request: two }] = comm.said;
    comm.hear({ type: 'reply', request: two, status: 'ok', mode: 'lazy' });
    comm.hear({ type: 'reply', request: one, status: 'ok', match: true, revision: 1 });
    expect((await first).match).toBe(true);
    expect((await second).mode).toBe('lazy');
  });

  it('rejects a request that the kernel calls an error', async () => {
    const edit = client.request('edit', { ops: [] });
    const error = { code: 'unknown_cell', message: 'no such cell' };
    comm.hear({ type: 'reply', request: comm.said[0].request, status: 'error', error });
    await expect(edit).rejects.toBeInstanceOf(ProtocolError);
    await expect(edit).rejects.toMatchObject(error);
  });

  it('passes over a reply that nobody waits for', () => {
    comm.hear({ type: 'reply', request: null, status: 'error', error: { code: 'bad_message' } });
  });

  it('emits events', () => {
    const heard: Event[] = [];
    client.event.connect((_, event) => heard.push(event));
    comm.hear({ type: 'mode', mode: 'lazy' });
    expect(heard).toEqual([{ type: 'mode', mode: 'lazy' }]);
  });

  it.each([
    ['closes the comm', () => comm.onClose()],
    ['restarts', () => kernel.statusChanged.emit('restarting')],
    ['goes away', () => kernel.disposed.emit()]
  ])('rejects what waits when the kernel %s', async (_, end) => {
    let closed = 0;
    client.closed.connect(() => closed++);
    const welcome = client.open(opening);
    const request = client.request('check', { digest: '0' });
    end();
    await expect(welcome).rejects.toThrow();
    await expect(request).rejects.toThrow();
    await expect(client.request('check', { digest: '0' })).rejects.toThrow();
    expect(closed).toBe(1);
  });

  it('tells the kernel when it is disposed, once, and then gives up its subshell', async () => {
    client.dispose();
    client.dispose();
    expect(kernel.sent).toHaveLength(1);
    expect(kernel.sent[0].header).toMatchObject({
      msg_type: 'comm_close',
      subshell_id: 'subshell'
    });
    expect(kernel.sent[0].content).toEqual({ comm_id: 'comm', data: {} });
    expect(comm.isDisposed).toBe(false);
    kernel.done.resolve();
    await vi.waitFor(() => expect(comm.isDisposed).toBe(true));
  });
});
