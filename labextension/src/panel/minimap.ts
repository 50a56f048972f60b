import type { ICellModel } from '@jupyterlab/cells';
import { isCodeCellModel } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';

import type { MarkedState } from '../icons';
import { stateIcons } from '../icons';
import { stateLabel } from '../reasons';
import { runTime } from '../timings';
import type { IFan } from './arcs';
import { Arcs, fan, reach } from './arcs';
import { Part } from './part';
import { formatTime, lineOf } from './rows';
import { Scroller } from './scroller';
import type { Change, Subject } from './subject';
import { arcPath, branchPath, svg } from './svg';

const MINIMAP_CLASS = 'jp-ReactiveMinimap';
const UPSTREAM_CLASS = 'jp-mod-upstream';
const DOWNSTREAM_CLASS = 'jp-mod-downstream';

/** The height of a row in pixels, as in the style sheet. */
const ROW = 24;

/** The width of the column of arcs in pixels, as in the style sheet. */
const GUTTER = 40;

/** How far to the left the arcs of the active cell go, and all others at most. */
const OUTERMOST = 2;
const OUTER = 8;

/** How many rows are drawn beyond what is in view. */
const OVERSCAN = 5;

/**
 * Every cell as a row in notebook order, with arcs to what it depends on.
 *
 * #### Notes
 * Only the rows in view are in the DOM, and what scrolling costs does not grow with the notebook.
 */
export class Minimap extends Part {
  constructor(subject: Subject, trans: TranslationBundle) {
    super(subject, trans, trans.__('Minimap'));
    this.addClass(MINIMAP_CLASS);
    this._list.className = `${MINIMAP_CLASS}-list`;
    this._list.tabIndex = 0;
    this._list.setAttribute('role', 'listbox');
    this._list.setAttribute('aria-label', trans.__('Cells'));
    this._content.className = `${MINIMAP_CLASS}-content`;
    this._content.setAttribute('role', 'presentation');
    this._arcsNode.append(this._otherPath, this._upstreamPath, this._downstreamPath);
    this._content.append(this._arcsNode);
    this._list.append(this._content);
    this.node.append(this._list);
    this._scroller = new Scroller(this._list, () => this.requestRefresh());
  }

  override dispose(): void {
    this._scroller.dispose();
    super.dispose();
  }

  /**
   * Handle the DOM events of the node.
   */
  handleEvent(event: Event): void {
    if (event instanceof KeyboardEvent) {
      this._onKeydown(event);
    } else if (event.target instanceof Element) {
      const row = event.target.closest<HTMLElement>(`.${MINIMAP_CLASS}-row`);
      if (row) {
        this.subject.goTo(this._ids[Number(row.dataset.row)]);
      }
    }
  }

  protected override onBeforeAttach(msg: Message): void {
    super.onBeforeAttach(msg);
    this._list.addEventListener('click', this);
    this._list.addEventListener('keydown', this);
  }

  protected override onAfterDetach(msg: Message): void {
    this._list.removeEventListener('click', this);
    this._list.removeEventListener('keydown', this);
    super.onAfterDetach(msg);
  }

  protected override refresh(changes: ReadonlySet<Change>): void {
    const isOther = changes.has('notebook');
    const isMoved = isOther || changes.has('cells');
    const isRelated = isMoved || changes.has('graph');
    if (isMoved) {
      const cells = this.subject.panel?.content.model?.cells;
      this._ids = cells ? Array.from(cells, cell => cell.id) : [];
      this._rowOf = new Map(this._ids.map((id, row) => [id, row]));
      this._content.style.height = `${this._ids.length * ROW}px`;
    }
    if (isRelated) {
      const { reactive } = this.subject;
      this._arcs = reactive && new Arcs(this._ids, reactive.graph);
    }
    if (isRelated || changes.has('active')) {
      this._relate();
    }
    if (isOther || changes.has('active')) {
      this._focused = this._activeRow;
      this._scroller.reveal(this._activeRow * ROW, ROW);
    }
    this._draw();
  }

  private _onKeydown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || !this._ids.length) {
      return;
    }
    const page = Math.max(1, Math.floor(this._scroller.height / ROW) - 1);
    const steps: Record<string, number | undefined> = {
      ArrowUp: -1,
      ArrowDown: 1,
      PageUp: -page,
      PageDown: page,
      Home: -Infinity,
      End: Infinity
    };
    const step = steps[event.key];
    if (step !== undefined) {
      this._focused = Math.min(this._ids.length - 1, Math.max(0, this._focused + step));
      this._scroller.reveal(this._focused * ROW, ROW);
      this.requestRefresh();
    } else if (event.key === 'Enter' || event.key === ' ') {
      this.subject.goTo(this._ids[this._focused]);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** Find out what the active cell depends on, and what depends on it. */
  private _relate(): void {
    const { active, reactive } = this.subject;
    const row = active === null ? undefined : this._rowOf.get(active);
    this._activeRow = row ?? 0;
    const isShown = active !== null && reactive && row !== undefined;
    const find = (ids: Iterable<string>) =>
      Array.from(ids, id => this._rowOf.get(id)).filter(other => other !== undefined);
    this._upstream = isShown ? reactive.graph.upstream(active) : new Set();
    this._downstream = isShown ? reactive.graph.downstream(active) : new Set();
    this._above = isShown ? fan(row, find(reactive.graph.dependencies(active).keys())) : null;
    this._below = isShown ? fan(row, find(reactive.graph.dependents(active).keys())) : null;
  }

  private _draw(): void {
    const { top, height } = this._scroller;
    const first = Math.max(0, Math.floor(top / ROW) - OVERSCAN);
    const end = Math.min(this._ids.length, Math.ceil((top + height) / ROW) + OVERSCAN);
    const cells = this.subject.panel?.content.model?.cells;
    const rows = new Map<string, Row>();
    for (let index = first; index < end; index++) {
      const model = cells?.get(index);
      if (model) {
        const row = this._rows.get(model.id) ?? new Row(`${this.id}-${model.id}`);
        rows.set(model.id, row);
        this._drawRow(row, index, model);
      }
    }
    for (const [id, row] of this._rows) {
      if (!rows.has(id)) {
        row.node.remove();
      }
    }
    for (const { node } of rows.values()) {
      if (!node.isConnected) {
        this._content.append(node);
      }
    }
    this._rows = rows;
    this._drawArcs(first, end);
    this._list.setAttribute(
      'aria-activedescendant',
      `${this.id}-${this._ids[this._focused] ?? ''}`
    );
  }

  private _drawRow(row: Row, index: number, model: ICellModel): void {
    const { id } = model;
    const isActive = index === this._activeRow;
    const isUpstream = this._upstream.has(id);
    const isDownstream = this._downstream.has(id);
    const { node } = row;
    node.style.top = `${index * ROW}px`;
    node.dataset.row = `${index}`;
    node.setAttribute('aria-posinset', `${index + 1}`);
    node.setAttribute('aria-setsize', `${this._ids.length}`);
    node.setAttribute('aria-selected', `${isActive}`);
    node.classList.toggle(UPSTREAM_CLASS, isUpstream);
    node.classList.toggle(DOWNSTREAM_CLASS, isDownstream);
    node.classList.toggle('jp-mod-focused', index === this._focused);
    const line = lineOf(model.type, model.sharedModel.getSource());
    row.line.textContent = node.title = line;
    const hidden = isActive ? 0 : (this._arcs?.folded(id) ?? 0);
    row.hub.textContent = hidden ? this.trans._n('%1 user', '%1 users', hidden) : '';
    const relation = isUpstream
      ? this.trans.__('the active cell depends on it')
      : isDownstream
        ? this.trans.__('depends on the active cell')
        : '';
    if (isCodeCellModel(model)) {
      const state = this.subject.state(model);
      const time = runTime(model.getMetadata('execution'));
      row.setState(state, state === null ? '' : stateLabel(state, this.trans));
      row.time.textContent = time === null ? '' : formatTime(time, this.trans);
    }
    row.relation.textContent = relation;
    node.dataset.type = model.type;
  }

  /** Draw the arcs at these rows; those of the active cell as one line with branches. */
  private _drawArcs(first: number, end: number): void {
    const y = (row: number) => (row - first + 0.5) * ROW;
    const isOwn = (row: number) => row === this._activeRow;
    const paths = (this._arcs?.between(first, end - 1) ?? [])
      .filter(({ from, to }) => !isOwn(from) && !isOwn(to))
      .map(arc => {
        const out = GUTTER - reach(arc) * (GUTTER - OUTER);
        return arcPath(GUTTER, out, y(arc.from), y(arc.to));
      });
    this._otherPath.setAttribute('d', paths.join(''));
    const draw = (path: SVGPathElement, own: IFan | null) => {
      const branches = Array.from({ length: end - first }, (_, row) => first + row)
        .filter(row => own?.rows.has(row))
        .map(y);
      path.setAttribute(
        'd',
        own ? branchPath(GUTTER, OUTERMOST, y(this._activeRow), y(own.end), branches) : ''
      );
    };
    draw(this._upstreamPath, this._above);
    draw(this._downstreamPath, this._below);
    this._arcsNode.style.top = `${first * ROW}px`;
    this._arcsNode.style.height = `${(end - first) * ROW}px`;
  }

  private _above: IFan | null = null;
  private _activeRow = 0;
  private _arcs: Arcs | null = null;
  private _arcsNode = svg('svg', { class: `${MINIMAP_CLASS}-arcs`, 'aria-hidden': 'true' });
  private _below: IFan | null = null;
  private _content = document.createElement('div');
  private _downstream = new Set<string>();
  private _downstreamPath = svg('path', { class: DOWNSTREAM_CLASS });
  private _focused = 0;
  private _ids: string[] = [];
  private _list = document.createElement('div');
  private _otherPath = svg('path');
  private _rowOf = new Map<string, number>();
  private _rows = new Map<string, Row>();
  private _scroller: Scroller;
  private _upstream = new Set<string>();
  private _upstreamPath = svg('path', { class: UPSTREAM_CLASS });
}

/**
 * The row of one cell.
 */
class Row {
  constructor(id: string) {
    this.node.id = id;
    this.node.className = `${MINIMAP_CLASS}-row`;
    this.node.setAttribute('role', 'option');
    this.line.className = `${MINIMAP_CLASS}-line`;
    this._state.className = `${MINIMAP_CLASS}-text`;
    this.relation.className = `${MINIMAP_CLASS}-text`;
    this._icon.className = `${MINIMAP_CLASS}-icon`;
    this.hub.className = `${MINIMAP_CLASS}-hub`;
    this.time.className = `${MINIMAP_CLASS}-time`;
    this.node.append(this._icon, this._state, this.line, this.relation, this.hub, this.time);
  }

  readonly hub = document.createElement('span');
  readonly line = document.createElement('span');
  readonly node = document.createElement('div');
  readonly relation = document.createElement('span');
  readonly time = document.createElement('span');

  /** Show a state by its icon, and by text for those who do not see that. */
  setState(state: MarkedState | null, label: string): void {
    const shown = state ?? '';
    if (this.node.dataset.state !== shown) {
      this.node.dataset.state = shown;
      this._icon.replaceChildren();
      this._icon.title = label;
      this._state.textContent = label;
      (state && stateIcons[state])?.element({ container: this._icon });
    }
  }

  private _icon = document.createElement('span');
  private _state = document.createElement('span');
}
