import type { EdgeLabel, GraphLabel, NodeLabel } from '@dagrejs/dagre';

import type { ILink } from './excerpt';

/** How large a node is, in pixels. */
export const NODE = { width: 184, height: 28 };

/** How many cells without edges stand below each other. */
const STACK = 5;

/** A place in the drawing. */
export interface IPoint {
  x: number;
  y: number;
}

/** A rectangle, by its middle. */
export interface IBox extends IPoint {
  width: number;
  height: number;
}

/** Where everything is. */
export interface ILayout {
  width: number;
  height: number;
  nodes: ReadonlyMap<string, IBox>;
  links: readonly { link: ILink; points: readonly IPoint[] }[];
  groups: ReadonlyMap<string, IBox>;
}

/**
 * Find a place for each cell, in layers from what is needed down to what needs it.
 *
 * @param ids - The cells, in notebook order.
 * @param links - What depends on what.
 * @param groups - By cell, what it is to be put together with.
 */
export async function layOut(
  ids: readonly string[],
  links: readonly ILink[],
  groups: ReadonlyMap<string, string>
): Promise<ILayout> {
  const { Graph, layout } = await import('@dagrejs/dagre');
  const graph = new Graph<GraphLabel, NodeLabel, EdgeLabel>({ compound: true });
  graph.setGraph({ nodesep: 16, ranksep: 32, edgesep: 8, marginx: 8, marginy: 8 });
  const groupNode = (group: string) => `group ${group}`;
  for (const group of new Set(groups.values())) {
    graph.setNode(groupNode(group), { width: 0, height: 0 });
  }
  for (const id of ids) {
    graph.setNode(id, { ...NODE });
    const group = groups.get(id);
    if (group !== undefined) {
      graph.setParent(id, groupNode(group));
    }
  }
  for (const { from, to } of [...links, ...stacks(ids, links, groups)]) {
    graph.setEdge(from, to, {});
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const nodes = new Map(ids.map(id => [id, graph.node(id) as IBox]));
  return {
    width,
    height,
    nodes,
    links: links.map(link => {
      const { points = [] } = graph.edge(link.from, link.to);
      return { link, points: docked(points, nodes.get(link.from)!, nodes.get(link.to)!) };
    }),
    groups: new Map(
      Array.from(new Set(groups.values()), group => [group, graph.node(groupNode(group)) as IBox])
    )
  };
}

/** The way of an edge from the lower side of one cell to the upper side of another. */
function docked(points: readonly IPoint[], from: IBox, to: IBox): IPoint[] {
  const bends = points.slice(1, -1);
  const dock = ({ x, width }: IBox, toward: IPoint) => {
    const reach = width / 2 - 8;
    return Math.min(x + reach, Math.max(x - reach, toward.x));
  };
  return [
    { x: dock(from, bends[0] ?? to), y: from.y + from.height / 2 },
    ...bends,
    { x: dock(to, bends.at(-1) ?? from), y: to.y - to.height / 2 }
  ];
}

/**
 * Edges that are not drawn, between cells of a group that have none: else all of them would stand
 * in one long row.
 */
export function stacks(
  ids: readonly string[],
  links: readonly ILink[],
  groups: ReadonlyMap<string, string>
): { from: string; to: string }[] {
  const linked = new Set(links.flatMap(({ from, to }) => [from, to]));
  const stacks = new Map<string | undefined, string[]>();
  const edges: { from: string; to: string }[] = [];
  for (const to of ids.filter(id => !linked.has(id))) {
    const group = groups.get(to);
    const stack = stacks.get(group) ?? [];
    const from = stack.at(-1);
    if (from !== undefined && stack.length % STACK) {
      edges.push({ from, to });
    }
    stacks.set(group, [...stack, to]);
  }
  return edges;
}
