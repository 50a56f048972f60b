/**
 * The messages between a notebook client and the reactive kernel, version 1, as types.
 */

import type { JSONObject } from '@lumino/coreutils';

/** The version of the protocol that this client speaks. */
export const PROTOCOL = 1;

/** The comm target that the kernel registers. */
export const COMM_TARGET = 'reactive_kernel';

export type CellType = 'code' | 'markdown' | 'raw';

export type Mode = 'auto' | 'lazy';

export type State =
  'new' | 'fresh' | 'stale' | 'queued' | 'running' | 'failed' | 'blocked' | 'idle';

export type ReasonKind =
  | 'never_ran'
  | 'edited'
  | 'input_changed'
  | 'input_missing'
  | 'replaced_writer'
  | 'upstream_stale'
  | 'upstream_failed'
  | 'nondeterministic'
  | 'syntax_error'
  | 'interrupted';

/** A cell as the kernel mirrors it. */
export interface ICell {
  id: string;
  cell_type: CellType;
  source: string;
  tags: string[];
}

/** One cause of a cell's state. */
export interface IReason {
  kind: ReasonKind;
  name: string | null;
  cell: string | null;
}

/** That a cell runs only when it is asked for; a frozen one only alone. */
export type Held = 'frozen' | 'manual';

/** Where a cell is between never having run and fresh. */
export interface IStatus {
  state: State;
  reasons: IReason[];
  execution_count: number | null;
  msg_id: string | null;
  held?: Held;
}

export type Statuses = Record<string, IStatus>;

export interface INode {
  reads: string[];
  writes: string[];
  mutates: string[];
}

export interface IEdge {
  from: string;
  to: string;
  names: string[];
}

export interface IProblem {
  kind: 'defined_below' | 'syntax_error' | 'opaque';
  cells: string[];
  names: string[];
  message: string;
}

export interface IGraph {
  nodes: Record<string, INode>;
  edges: IEdge[];
  problems: IProblem[];
}

/** An operation on the document. */
export type Op =
  | { op: 'create_cell'; cell: ICell; index?: number }
  | { op: 'update_cell'; cell_id: string; source?: string; cell_type?: CellType; tags?: string[] }
  | { op: 'delete_cell'; cell_id: string }
  | { op: 'move_cell'; cell_id: string; index: number };

/** What a client says when it opens its comm. */
export interface IOpening {
  protocol: typeof PROTOCOL;
  client: { name: string; version: string; kind: 'frontend' };
  path: string;
  cells: readonly ICell[];
  mode: Mode | null;
  shared: boolean;
  session: string | null;
  revision: number | null;
  /** Whether `execute` may name several cells, and statuses of a run may come late. */
  batches: true;
}

/** The kernel's answer to an opening. */
export interface IWelcome {
  type: 'welcome';
  protocol: number;
  client_id: string;
  session: string;
  revision: number;
  mode: Mode;
  cells: ICell[];
  status: Statuses;
  graph: IGraph;
  adopted: boolean;
  /** Whether this client is to put its notebook in step with `cells`. */
  apply: boolean;
}

/** An error as the kernel reports it. */
export interface IError {
  code: string;
  message: string;
}

export interface IRefused {
  type: 'refused';
  error: IError;
}

export type Scope = 'reactive' | 'only';

export type Why = 'asked' | 'needed' | 'affected' | 'replay';

/** Requests: what each takes, and what its reply holds. */
export interface IRequests {
  edit: { fields: { ops: readonly Op[] }; reply: { revision: number } };
  check: { fields: { digest: string }; reply: { match: boolean; revision: number } };
  run: {
    /** A dry run is only planned, and has no name. */
    fields: { cells: string[] | 'all' | 'stale'; scope: Scope; dry?: true; look_ahead?: number };
    reply: { run: string; plan: string[]; why: Record<string, Why> };
  };
  cancel: { fields: { run: string }; reply: object };
  rename: { fields: { path: string }; reply: object };
  set_mode: { fields: { mode: Mode }; reply: { mode: Mode } };
  status: { fields: object; reply: { cells: Statuses; revision: number } };
  provenance: {
    fields: object;
    reply: { cells: Partial<Record<string, string>>; revision: number };
  };
  variables: { fields: object; reply: { variables: IVariable[] } };
}

/** What is known of a value that the notebook has defined. */
export interface IVariable {
  name: string;
  /** The cell that wrote it, if that is still there. */
  cell: string | null;
  type: string;
  /** The number of members of a builtin container. */
  size: number | null;
  /** The lengths of an array or a frame along its axes. */
  shape: number[] | null;
  preview: string;
}

export type RequestType = keyof IRequests;

export type Reply =
  | ({ type: 'reply'; request: string | null; status: 'ok' } & JSONObject)
  | { type: 'reply'; request: string | null; status: 'error'; error: IError };

/** Events that the kernel sends unasked. */
export type Event =
  | IEdited
  | { type: 'status'; revision: number; cells: Statuses }
  | IGraphChanged
  | { type: 'mode'; mode: Mode }
  | { type: 'run_started'; run: string; origin: string; plan: string[] }
  | IExecute
  | IRunFinished;

/** What is new in the graph. */
export interface IGraphChanged {
  type: 'graph';
  revision: number;
  /** Nodes that are new or other; null for those that are gone. */
  nodes: Record<string, INode | null>;
  /** Edges that are new, or have other names. */
  edges: IEdge[];
  removed: { from: string; to: string }[];
  /** All of them. */
  problems: IProblem[];
}

/** Which cells this client is to execute, in this order. */
export interface IExecute {
  type: 'execute';
  run: string;
  cell_id: string;
  then: string[];
}

/** What others have done to the document. */
export interface IEdited {
  type: 'edited';
  revision: number;
  origin: string;
  ops: Op[];
  /** Whether this client is to apply them to its notebook. */
  apply: boolean;
}

export interface IRunFinished {
  type: 'run_finished';
  run: string;
  executed: string[];
  failed: string[];
  blocked: string[];
  unchanged: string[];
  cancelled: boolean;
}

export type Message = IWelcome | IRefused | Reply | Event;

/** Why the kernel did not execute a cell that was sent to it. */
export type Verdict = 'unchanged' | 'blocked' | 'cancelled';
