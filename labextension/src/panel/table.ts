import type { Graph } from '../graph';
import type { IVariable } from '../protocol';

const collator = new Intl.Collator(undefined, { numeric: true });

/** A variable and who has to do with it. */
export interface IEntry extends IVariable {
  /** The place of the cell that wrote it; null if that is gone. */
  writer: number | null;
  /** The cells that use it, in notebook order. */
  users: readonly string[];
}

/** What the table can be sorted by. */
export type Column = 'name' | 'type' | 'size' | 'preview' | 'writer' | 'users';

/** How the table is sorted. */
export interface IOrder {
  column: Column;
  descending: boolean;
}

/**
 * Find out who uses each variable.
 *
 * @param ids - The cells in notebook order.
 */
export function entriesOf(
  variables: readonly IVariable[],
  ids: readonly string[],
  graph: Graph
): IEntry[] {
  const places = new Map(ids.map((id, place) => [id, place]));
  const place = (id: string) => places.get(id) ?? ids.length;
  return variables.map(variable => {
    const { name, cell } = variable;
    const users = cell === null ? [] : [...graph.dependents(cell)];
    return {
      ...variable,
      writer: cell === null ? null : place(cell),
      users: users
        .filter(([id, names]) => names.includes(name) && places.has(id))
        .map(([id]) => id)
        .sort((one, other) => place(one) - place(other))
    };
  });
}

/**
 * How large a value is: its shape, or else how many members it has.
 */
export function sizeText({ shape, size }: IVariable): string {
  return shape?.join(' × ') ?? (size === null ? '' : `${size}`);
}

/**
 * The variables with some text in their name or type, in order.
 */
export function arrange(entries: readonly IEntry[], filter: string, order: IOrder): IEntry[] {
  const wanted = filter.trim().toLowerCase();
  const { column, descending } = order;
  return entries
    .filter(({ name, type }) => [name, type].some(text => text.toLowerCase().includes(wanted)))
    .sort((one, other) => {
      const order = compare(key(one, column), key(other, column));
      return (descending ? -order : order) || compare(one.name, other.name);
    });
}

/**
 * An entry that is as wide as the widest in each column; null without any.
 */
export function widest(entries: readonly IEntry[]): IEntry | null {
  const most = (width: (entry: IEntry) => number) =>
    entries.reduce((widest, entry) => (width(entry) > width(widest) ? entry : widest));
  if (entries.length === 0) {
    return null;
  }
  const { shape, size } = most(entry => sizeText(entry).length);
  return {
    name: most(({ name }) => name.length).name,
    type: most(({ type }) => type.length).type,
    shape,
    size,
    preview: most(({ preview }) => preview.length).preview,
    cell: most(({ writer }) => writer ?? -1).cell,
    writer: null,
    users: most(({ users }) => users.length).users
  };
}

function key(entry: IEntry, column: Column): string | number {
  switch (column) {
    case 'size':
      return entry.shape?.reduce((product, length) => product * length, 1) ?? entry.size ?? -1;
    case 'writer':
      return entry.writer ?? -1;
    case 'users':
      return entry.users.length;
    default:
      return entry[column];
  }
}

function compare(one: string | number, other: string | number): number {
  return typeof one === 'string' ? collator.compare(one, `${other}`) : one - Number(other);
}
