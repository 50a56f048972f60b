import type { MarkedState } from '../icons';
import { stateIcons } from '../icons';
import type { ILink } from './excerpt';
import type { IBox, IPoint } from './layout';
import { svg } from './svg';

/** How a cell or an edge stands to the active cell. */
export type Relation = 'active' | 'upstream' | 'downstream' | null;

/** What is seen of a cell. */
export interface ILook {
  /** What fits into its node. */
  text: string;
  /** What it is called for those who do not see it, and when it is pointed at. */
  label: string;
  state: MarkedState | null;
  relation: Relation;
}

/**
 * Draw a cell.
 */
export function drawNode(id: string, box: IBox, look: ILook): SVGGElement {
  const { width, height } = box;
  const node = svg('g', {
    class: `jp-ReactiveGraph-node ${classOf(look.relation)}`,
    role: 'button',
    tabindex: -1,
    'aria-label': look.label,
    'aria-current': `${look.relation === 'active'}`,
    'data-id': id,
    'data-state': look.state ?? '',
    transform: `translate(${box.x - width / 2} ${box.y - height / 2})`
  });
  const title = svg('title');
  title.textContent = look.label;
  const text = svg('text', { x: 26, y: height / 2, 'dominant-baseline': 'central' });
  text.textContent = look.text;
  node.append(title, svg('rect', { width, height, rx: 3 }), text);
  const icon = look.state && stateIcons[look.state]?.element().firstElementChild;
  if (icon) {
    const place = { x: 7, y: (height - 14) / 2, width: 14, height: 14 };
    Object.entries(place).forEach(([name, value]) => icon.setAttribute(name, `${value}`));
    node.append(icon);
  }
  return node;
}

/**
 * Draw an edge, with the names that it stands for.
 */
export function drawLink(link: ILink, points: readonly IPoint[], relation: Relation): SVGGElement {
  const edge = svg('g', { class: `jp-ReactiveGraph-link ${classOf(relation)}` });
  const d = smooth(points);
  const names = link.names.join(', ');
  const title = svg('title');
  title.textContent = names;
  const end = points[points.length - 1];
  const middle = points[Math.floor(points.length / 2)];
  const text = svg('text', { x: middle.x + 4, y: middle.y, 'dominant-baseline': 'central' });
  text.textContent = names.length > 24 ? `${names.slice(0, 23)}…` : names;
  // The first path is there to be pointed at.
  edge.append(
    title,
    svg('path', { d, class: 'jp-ReactiveGraph-hit' }),
    svg('path', { d }),
    svg('path', { d: `M${end.x} ${end.y}l-3 -6h6z`, class: 'jp-ReactiveGraph-head' }),
    text
  );
  return edge;
}

/**
 * Draw a frame around cells that belong together.
 */
export function drawGroup({ x, y, width, height }: IBox, title: string): SVGGElement {
  const group = svg('g', { class: 'jp-ReactiveGraph-group' });
  const [left, top] = [x - width / 2, y - height / 2];
  const text = svg('text', { x: left + 8, y: top + 12 });
  text.textContent = title;
  group.append(svg('rect', { x: left, y: top, width, height, rx: 3 }), text);
  return group;
}

function classOf(relation: Relation): string {
  return relation ? `jp-mod-${relation}` : '';
}

/** A line that goes near points, from the first to the last. */
function smooth(points: readonly IPoint[]): string {
  const [first, ...others] = points;
  const last = others.pop() ?? first;
  const bends = others.map((point, index) => {
    const next = others[index + 1] ?? last;
    const to = index === others.length - 1 ? last : middle(point, next);
    return `Q${point.x} ${point.y} ${to.x} ${to.y}`;
  });
  return `M${first.x} ${first.y}${bends.join('') || `L${last.x} ${last.y}`}`;
}

function middle(one: IPoint, other: IPoint): IPoint {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}
