import type { State } from './protocol';

/**
 * How far the runs under way of one notebook are, as what is heard of them adds up to it.
 *
 * #### Notes
 * Runs that overlap count as one.
 */
export class Progress {
  /** The names of the runs under way. */
  get runs(): readonly string[] {
    return [...this._runs];
  }

  /** The cell that executes now, if one does. */
  get running(): string | null {
    return this._running;
  }

  /** How many cells there are to do, those that are done among them. */
  get total(): number {
    return this._cells.size;
  }

  /** How many cells have run, or turned out not to have to. */
  get done(): number {
    return this._cells.size - this._pending.size;
  }

  /** Take in that a run begins. */
  start(run: string, plan: readonly string[]): void {
    if (this._runs.size === 0) {
      this._cells.clear();
    }
    this._runs.add(run);
    plan.forEach(id => this._await(id));
  }

  /** Take in how a cell stands; a run may need more cells than it was to have at first. */
  take(id: string, state: State | undefined): void {
    if (this._runs.size === 0) {
      return;
    }
    if (state === 'queued' || state === 'running') {
      this._await(id);
    } else {
      this._pending.delete(id);
    }
    if (state === 'running') {
      this._running = id;
    } else if (this._running === id) {
      this._running = null;
    }
  }

  /** Take in that a run has ended. */
  finish(run: string): void {
    this._runs.delete(run);
    if (this._runs.size === 0) {
      this.end();
    }
  }

  /** Take in that nothing more is going to be heard of the runs. */
  end(): void {
    this._runs.clear();
    this._pending.clear();
    this._running = null;
  }

  private _await(id: string): void {
    this._cells.add(id);
    this._pending.add(id);
  }

  /** The cells of the runs that began since none was under way. */
  private _cells = new Set<string>();
  private _pending = new Set<string>();
  private _running: string | null = null;
  private _runs = new Set<string>();
}
