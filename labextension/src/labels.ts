import type { Cell, ICellModel } from '@jupyterlab/cells';
import { isCodeCellModel } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { CellLabel } from './reasons';

/**
 * How a cell is called: by the prompt, or by its place if it has none.
 */
export function labelOf(cell: ICellModel, index: number, trans: TranslationBundle): string {
  const count = isCodeCellModel(cell) ? cell.executionCount : null;
  return count === null ? trans.__('no. %1', index + 1) : `[${count}]`;
}

/**
 * How cells are called.
 */
export function cellLabels(cells: readonly Cell[], trans: TranslationBundle): CellLabel {
  let labels: Map<string, string> | null = null;
  return id => {
    labels ??= new Map(cells.map(({ model }, index) => [model.id, labelOf(model, index, trans)]));
    return labels.get(id) ?? null;
  };
}

/** The first line of a source that is not empty; of a cell magic, with the first below it. */
export function firstLine(source: string): string {
  const text = source.trim();
  const [first] = text.split('\n', 1);
  const below = first.startsWith('%%') ? text.slice(first.length).trim().split('\n', 1)[0] : '';
  return `${first.trim()} ${below}`.trim();
}

/** How long something took, as a clock shows it. */
export function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  const two = (count: number) => `${count % 60}`.padStart(2, '0');
  return minutes < 60
    ? `${minutes}:${two(seconds)}`
    : `${Math.floor(minutes / 60)}:${two(minutes)}:${two(seconds)}`;
}
