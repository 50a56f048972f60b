import type { ICellModel, ICodeCellModel } from '@jupyterlab/cells';
import { isCodeCellModel } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { downloadIcon } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { labelOf } from '../labels';
import { graphIcons } from '../icons';
import { stateLabel } from '../reasons';
import { toolbarButton } from '../toolbar';
import type { ILook, Relation } from './drawing';
import { drawGroup, drawLink, drawNode } from './drawing';
import type { ILink } from './excerpt';
import { around, linksAmong } from './excerpt';
import type { IBox, ILayout } from './layout';
import { layOut } from './layout';
import { Part } from './part';
import { headingsOf, lineOf } from './rows';
import { download, toPng, toSvg } from './save';
import type { Change, Subject } from './subject';
import { svg } from './svg';
import { Viewport } from './viewport';

const GRAPH_CLASS = 'jp-ReactiveGraph';

/** How many cells are drawn at most. */
const CELLS = 100;

/** How much of a line fits into a node, in characters. */
const LINE = 22;

/** How much a button zooms. */
const ZOOM = 1.4;

/** What is drawn: each cell by its look, and by `frame` all that is not of one cell. */
interface IDrawn {
  places: ILayout;
  frame: string;
  looks: ReadonlyMap<string, ILook>;
}

/**
 * The code cells in layers, with what each takes from others.
 */
export class GraphView extends Part {
  constructor(subject: Subject, trans: TranslationBundle) {
    super(subject, trans, trans.__('Graph'));
    this.addClass(GRAPH_CLASS);
    this._note.className = `${GRAPH_CLASS}-note`;
    this._note.setAttribute('role', 'status');
    this._view.setAttribute('role', 'group');
    this._view.setAttribute('aria-label', trans.__('Cells and what depends on what'));
    this._view.append(this._content);
    this.node.append(this._note, this._view);
    this._addButtons();
  }

  /**
   * Handle the DOM events of the drawing.
   */
  handleEvent(event: Event): void {
    const id = event.target instanceof Element ? idOf(event.target) : null;
    if (id === null) {
      return;
    }
    if (!(event instanceof KeyboardEvent)) {
      this.subject.goTo(id);
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.subject.goTo(id);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const ids = [...this._nodes.keys()];
      this._focus(ids[ids.indexOf(id) + (event.key === 'ArrowDown' ? 1 : -1)]);
    }
  }

  protected override onBeforeAttach(msg: Message): void {
    super.onBeforeAttach(msg);
    this._view.addEventListener('click', this);
    this._view.addEventListener('keydown', this);
  }

  protected override onAfterDetach(msg: Message): void {
    this._view.removeEventListener('click', this);
    this._view.removeEventListener('keydown', this);
    super.onAfterDetach(msg);
  }

  protected override onResize(msg: Widget.ResizeMessage): void {
    this._isResized = true;
    super.onResize(msg);
  }

  protected override refresh(changes: ReadonlySet<Change>): void {
    const { active, reactive } = this.subject;
    if (!reactive) {
      return;
    }
    if (changes.has('notebook') || changes.has('cells')) {
      // To read the id of a cell from its model takes long.
      const cells = Array.from(reactive.model.cells, (model, index) => ({ model, index }));
      this._cells = new Map(cells.map(cell => [cell.model.id, cell]));
    }
    const all = [...this._cells]
      .filter(
        ([id, { model }]) => isCodeCellModel(model) && reactive.statuses.get(id)?.state !== 'idle'
      )
      .map(([id]) => id);
    const ids = all.length > CELLS ? around(active, all, reactive.graph, CELLS) : all;
    const links = linksAmong(ids, reactive.graph);
    const headings = this._isGrouped
      ? headingsOf(
          Array.from(this._cells, ([id, { model }]) => ({
            id,
            type: model.type,
            source: model.sharedModel.getSource()
          }))
        )
      : new Map<string, string>();
    const groups = new Map([...headings].filter(([id]) => ids.includes(id)));
    this._note.textContent =
      all.length > ids.length
        ? this.trans.__(
            'The active cell, what it depends on and what depends on it: %1 of %2 cells.',
            ids.length,
            all.length
          )
        : '';
    const key = JSON.stringify([ids, links, [...groups]]);
    if (key !== this._key) {
      this._key = key;
      void this._lay(key, ids, links, groups);
    } else {
      this._draw();
      const place = this._places?.nodes.get(active ?? '');
      if (place && (changes.has('active') || this._isResized)) {
        this._viewport.reveal(place);
      }
    }
    this._isResized = false;
  }

  private async _lay(
    key: string,
    ids: readonly string[],
    links: readonly ILink[],
    groups: ReadonlyMap<string, string>
  ): Promise<void> {
    const layout = await layOut(ids, links, groups);
    if (key === this._key && !this.isDisposed) {
      this._places = layout;
      this._draw();
      const place = layout.nodes.get(this.subject.active ?? ids[0]) ?? { x: 0, y: 0 };
      this._viewport.open(layout.width, layout.height, place);
    }
  }

  private _draw(): void {
    const { active, reactive } = this.subject;
    const places = this._places;
    if (!reactive || !places) {
      return;
    }
    const lineAt = (id: string) => {
      const model = this._cells.get(id)?.model;
      return model ? lineOf(model.type, model.sharedModel.getSource()) : '';
    };
    const related: [Relation, ReadonlySet<string>][] =
      active === null
        ? []
        : [
            ['active', new Set([active])],
            ['upstream', reactive.graph.upstream(active)],
            ['downstream', reactive.graph.downstream(active)]
          ];
    const looks = new Map<string, ILook>();
    for (const id of places.nodes.keys()) {
      const cell = this._cells.get(id);
      if (cell && isCodeCellModel(cell.model)) {
        const [relation] = related.find(([, ids]) => ids.has(id)) ?? [null];
        const label = labelOf(cell.model, cell.index, this.trans);
        looks.set(id, this._look(cell.model, lineAt(id), label, relation));
      }
    }
    const groups = Array.from(places.groups, ([id, box]) => ({ title: lineAt(id), box }));
    const frame = JSON.stringify([active, [...looks.keys()], groups]);
    if (places === this._drawn?.places && frame === this._drawn.frame) {
      this._redraw(places, looks);
    } else {
      this._drawAll(places, looks, groups);
    }
    this._drawn = { places, frame, looks };
  }

  /** Draw those cells anew that look different; what is focused stays so. */
  private _redraw(places: ILayout, looks: ReadonlyMap<string, ILook>): void {
    for (const [id, look] of looks) {
      const old = this._nodes.get(id);
      if (old && !isEqual(look, this._drawn?.looks.get(id))) {
        const node = drawNode(id, places.nodes.get(id)!, look);
        node.setAttribute('tabindex', `${old.tabIndex}`);
        const isFocused = old === document.activeElement;
        old.replaceWith(node);
        this._nodes.set(id, node);
        if (isFocused) {
          this._focus(id);
        }
      }
    }
  }

  /** Draw all of it anew; what is focused stays so. */
  private _drawAll(
    places: ILayout,
    looks: ReadonlyMap<string, ILook>,
    groups: readonly { title: string; box: IBox }[]
  ): void {
    const { active } = this.subject;
    const focused = document.activeElement && idOf(document.activeElement);
    this._nodes = new Map(
      Array.from(looks, ([id, look]) => [id, drawNode(id, places.nodes.get(id)!, look)])
    );
    this._content.replaceChildren(
      ...groups.map(({ title, box }) => drawGroup(box, title)),
      ...places.links.map(({ link, points }) => {
        const relation =
          link.to === active ? 'upstream' : link.from === active ? 'downstream' : null;
        return drawLink(link, points, relation);
      }),
      ...this._nodes.values()
    );
    const reached =
      active !== null && this._nodes.has(active) ? active : [...this._nodes.keys()][0];
    this._nodes.get(reached)?.setAttribute('tabindex', '0');
    if (focused !== null) {
      this._focus(focused);
    }
  }

  private _look(model: ICodeCellModel, line: string, label: string, relation: Relation): ILook {
    const { trans } = this;
    const state = this.subject.state(model);
    const said = [
      `${label} ${line}`,
      state ? stateLabel(state, trans) : '',
      relation === 'upstream' ? trans.__('the active cell depends on it') : '',
      relation === 'downstream' ? trans.__('depends on the active cell') : ''
    ];
    const text = `${label} ${line}`;
    return {
      text: text.length > LINE ? `${text.slice(0, LINE - 1)}…` : text,
      label: said.filter(Boolean).join(', '),
      state,
      relation
    };
  }

  private _focus(id: string | undefined): void {
    const node = this._nodes.get(id ?? '');
    if (node) {
      this._nodes.forEach(other => other.setAttribute('tabindex', '-1'));
      node.setAttribute('tabindex', '0');
      node.focus();
    }
  }

  private _fit(): void {
    if (this._places) {
      this._viewport.fit(this._places.width, this._places.height);
    }
  }

  private _addButtons(): void {
    const { trans } = this;
    const add = (name: string, icon: LabIcon, label: string, execute: () => void) => {
      const button = toolbarButton(icon, label, execute);
      this.toolbar.addItem(name, new Widget({ node: button }));
      return button;
    };
    const group = add('group', graphIcons.group, trans.__('Group by Heading'), () => {
      this._isGrouped = !this._isGrouped;
      group.ariaPressed = `${this._isGrouped}`;
      this.requestRefresh();
    });
    group.ariaPressed = 'false';
    add('zoom-in', graphIcons.zoomIn, trans.__('Zoom In'), () => this._viewport.zoom(ZOOM));
    add('zoom-out', graphIcons.zoomOut, trans.__('Zoom Out'), () => this._viewport.zoom(1 / ZOOM));
    add('fit', graphIcons.fit, trans.__('Fit'), () => this._fit());
    add('svg', downloadIcon, trans.__('Save as SVG'), () => void this._save('svg'));
    add('png', graphIcons.image, trans.__('Save as PNG'), () => void this._save('png'));
  }

  private async _save(format: 'svg' | 'png'): Promise<void> {
    const { panel } = this.subject;
    if (!panel || !this._places) {
      return;
    }
    const { width, height } = this._places;
    const source = toSvg(this._view, this._content, width, height);
    const name = panel.title.label.replace(/\.ipynb$/, '');
    const content =
      format === 'png'
        ? await toPng(source, width, height)
        : new Blob([source], { type: 'image/svg+xml' });
    download(`${name}.${format}`, content);
  }

  private _cells: ReadonlyMap<string, { model: ICellModel; index: number }> = new Map();
  private _content = svg('g');
  /** What the drawing shows. */
  private _drawn: IDrawn | null = null;
  private _isGrouped = false;
  private _isResized = false;
  /** What the layout is for. */
  private _key = '';
  private _places: ILayout | null = null;
  private _nodes = new Map<string, SVGGElement>();
  private _note = document.createElement('div');
  private _view = svg('svg', { class: `${GRAPH_CLASS}-view` });
  private _viewport = new Viewport(this._view, this._content);
}

/** The cell whose node an element belongs to. */
function idOf(element: Element): string | null {
  return element.closest<SVGElement>('[data-id]')?.dataset.id ?? null;
}

function isEqual(one: ILook, other: ILook | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
