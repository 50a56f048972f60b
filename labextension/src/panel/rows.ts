import type { CellType } from '@jupyterlab/nbformat';
import type { TranslationBundle } from '@jupyterlab/translation';

import { firstLine } from '../labels';

/** A heading in markdown. */
export interface IHeading {
  /** From 1 to 6. */
  level: number;
  text: string;
}

/**
 * The first heading of a markdown cell.
 */
export function headingOf(source: string): IHeading | null {
  let isInFence = false;
  for (const line of source.split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) {
      isInFence = !isInFence;
    }
    const found = isInFence ? null : /^ {0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*$/.exec(line);
    if (found) {
      return { level: found[1].length, text: found[2] };
    }
  }
  return null;
}

/** A cell, as far as it says under which heading it stands. */
export interface ISource {
  id: string;
  type: string;
  source: string;
}

/**
 * By cell, the markdown cell with the heading that it stands under, if there is one.
 */
export function headingsOf(cells: Iterable<ISource>): Map<string, string> {
  const headings = new Map<string, string>();
  let current: string | null = null;
  for (const { id, type, source } of cells) {
    if (type === 'markdown' && headingOf(source)) {
      current = id;
    } else if (current !== null) {
      headings.set(id, current);
    }
  }
  return headings;
}

/**
 * What stands for a cell in one line: its heading, or its first line that is not empty.
 */
export function lineOf(type: CellType, source: string): string {
  const heading = type === 'markdown' ? headingOf(source) : null;
  return heading?.text ?? firstLine(source);
}

/**
 * A time in the unit that suits it.
 */
export function formatTime(milliseconds: number, trans: TranslationBundle): string {
  if (milliseconds < 1000) {
    return trans.__('%1 ms', Math.round(milliseconds));
  }
  const seconds = milliseconds / 1000;
  if (seconds < 60) {
    return trans.__('%1 s', seconds.toFixed(1));
  }
  const minutes = Math.floor(seconds / 60);
  return trans.__('%1 min %2 s', minutes, Math.floor(seconds % 60));
}
