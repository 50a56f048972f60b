import type { Cell } from '@jupyterlab/cells';
import { CodeCell } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { CellLabel } from './reasons';

/**
 * How cells are called: by the prompt, or by their place if they have none.
 */
export function cellLabels(cells: readonly Cell[], trans: TranslationBundle): CellLabel {
  let labels: Map<string, string> | null = null;
  return id => {
    labels ??= new Map(
      cells.map((cell, index) => {
        const count = cell instanceof CodeCell ? cell.model.executionCount : null;
        return [cell.model.id, count === null ? trans.__('no. %1', index + 1) : `[${count}]`];
      })
    );
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
