import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownIcon, caretUpIcon } from '@jupyterlab/ui-components';

import { cellLabels } from '../labels';
import type { IVariable } from '../protocol';
import type { CellLabel } from '../reasons';
import { Part } from './part';
import { Scroller } from './scroller';
import type { Change, Subject } from './subject';
import type { Column, IEntry, IOrder } from './table';
import { arrange, entriesOf, sizeText, widest } from './table';

const VARIABLES_CLASS = 'jp-ReactiveVariables';

/** The height of a row, in pixels, as in the style sheet. */
const ROW = 20;

/** How many rows are drawn beyond what is in view. */
const OVERSCAN = 10;

/** How many of the cells that use a variable are shown at most. */
const USERS = 6;

/**
 * The variables as Run All would leave them, with the cells that write and use them.
 *
 * #### Notes
 * Only the rows in view are in the DOM. The columns are as wide as the widest row, which is there
 * unseen, so that they keep their widths while the rows go by.
 */
export class Variables extends Part {
  constructor(subject: Subject, trans: TranslationBundle) {
    super(subject, trans, trans.__('Variables'));
    this.addClass(VARIABLES_CLASS);
    this._filter.type = 'search';
    this._filter.className = 'jp-mod-styled';
    this._filter.placeholder = trans.__('Filter by name or type');
    this._filter.setAttribute('aria-label', this._filter.placeholder);
    this._filter.addEventListener('input', () => this._draw());
    const row = document.createElement('tr');
    const titles: [Column, string][] = [
      ['name', trans.__('Name')],
      ['type', trans.__('Type')],
      ['size', trans.__('Size')],
      ['preview', trans.__('Value')],
      ['writer', trans.__('Set by')],
      ['users', trans.__('Used by')]
    ];
    for (const [column, title] of titles) {
      row.append(this._header(column, title));
    }
    const head = document.createElement('thead');
    head.append(row);
    row.ariaRowIndex = '1';
    this._above.ariaHidden = this._below.ariaHidden = 'true';
    this._table.append(head, this._body);
    const view = document.createElement('div');
    view.className = `${VARIABLES_CLASS}-table`;
    view.append(this._table);
    this._scroller = new Scroller(view, () => this.requestRefresh());
    this._note.setAttribute('role', 'status');
    this._note.className = `${VARIABLES_CLASS}-note`;
    this.node.append(this._filter, view, this._note);
  }

  override dispose(): void {
    this._scroller.dispose();
    super.dispose();
  }

  protected override refresh(changes: ReadonlySet<Change>): void {
    if (changes.has('notebook')) {
      this._variables = [];
    }
    // What a run leaves is asked for once it has ended.
    const isOther = (['notebook', 'cells', 'graph', 'run'] as const).some(it => changes.has(it));
    if (isOther && !this.subject.isRunning) {
      void this._fetch();
    }
    if (isOther) {
      this._draw();
    } else {
      this._drawRows();
    }
  }

  /** Ask the kernel, one question at a time. */
  private async _fetch(): Promise<void> {
    this._isDue = true;
    if (this._isAsking) {
      return;
    }
    this._isAsking = true;
    while (this._isDue) {
      this._isDue = false;
      const client = this.subject.reactive?.client;
      const reply = await client?.request('variables', {}).catch(() => undefined);
      if (reply && client === this.subject.reactive?.client && !this.isDisposed) {
        this._variables = reply.variables;
        this._draw();
      }
    }
    this._isAsking = false;
  }

  private _draw(): void {
    const { panel, reactive } = this.subject;
    if (!panel || !reactive) {
      return;
    }
    const { trans } = this;
    const ids = Array.from(reactive.model.cells, cell => cell.id);
    const entries = entriesOf(this._variables, ids, reactive.graph);
    this._found = arrange(entries, this._filter.value, this._order);
    this._labels = cellLabels(panel.content.widgets, trans);
    this._table.ariaRowCount = `${this._found.length + 1}`;
    this._rows.clear();
    this._body.replaceChildren(this._above, this._below);
    const widestRow = widest(this._found);
    if (widestRow) {
      const row = this._row(widestRow);
      row.className = 'jp-mod-unseen';
      row.ariaHidden = 'true';
      this._body.append(row);
    }
    this._drawRows();
    for (const [column, { cell, icon }] of this._headers) {
      const isSorted = column === this._order.column;
      const { descending } = this._order;
      cell.ariaSort = isSorted ? (descending ? 'descending' : 'ascending') : 'none';
      icon.replaceChildren();
      if (isSorted) {
        (descending ? caretDownIcon : caretUpIcon).element({ container: icon });
      }
    }
    this._note.textContent = !entries.length
      ? trans.__('No cell that has run defines a variable.')
      : !this._found.length
        ? trans.__('No variable has that in its name or type.')
        : '';
  }

  private _drawRows(): void {
    const { top, height } = this._scroller;
    const count = this._found.length;
    const first = Math.min(count, Math.max(0, Math.floor(top / ROW) - OVERSCAN));
    const end = Math.min(count, Math.ceil((top + height) / ROW) + OVERSCAN);
    for (const [index, row] of this._rows) {
      if (index < first || index >= end) {
        row.remove();
        this._rows.delete(index);
      }
    }
    this._above.style.height = `${first * ROW}px`;
    this._below.style.height = `${(count - end) * ROW}px`;
    // A row that stays is left where it is: it may have the focus.
    let next = this._above.nextSibling;
    for (let index = first; index < end; index++) {
      let row = this._rows.get(index);
      if (row) {
        next = row.nextSibling;
      } else {
        row = this._row(this._found[index]);
        row.ariaRowIndex = `${index + 2}`;
        this._rows.set(index, row);
        this._body.insertBefore(row, next);
      }
    }
  }

  private _header(column: Column, title: string): HTMLTableCellElement {
    const cell = document.createElement('th');
    const button = document.createElement('button');
    const icon = document.createElement('span');
    button.type = 'button';
    button.append(title, icon);
    button.addEventListener('click', () => {
      const { column: sorted, descending } = this._order;
      this._order = { column, descending: column === sorted && !descending };
      this._draw();
    });
    cell.scope = 'col';
    cell.append(button);
    this._headers.set(column, { cell, icon });
    return cell;
  }

  private _row(entry: IEntry): HTMLTableRowElement {
    const row = document.createElement('tr');
    const name = document.createElement('th');
    name.scope = 'row';
    name.textContent = name.title = entry.name;
    row.append(name);
    for (const text of [entry.type, sizeText(entry), entry.preview]) {
      const cell = row.insertCell();
      cell.textContent = cell.title = text;
    }
    row.insertCell().append(...this._links(entry.cell === null ? [] : [entry.cell]));
    const users = row.insertCell();
    users.append(...this._links(entry.users.slice(0, USERS)));
    const more = entry.users.length - USERS;
    if (more > 0) {
      users.append(this.trans.__('and %1 more', more));
    }
    return row;
  }

  /** Buttons that lead to cells. */
  private _links(ids: readonly string[]): HTMLButtonElement[] {
    return ids.map(id => {
      const button = document.createElement('button');
      const label = this._labels(id) ?? '';
      button.type = 'button';
      button.textContent = label;
      button.setAttribute('aria-label', this.trans.__('Go to cell %1', label));
      button.addEventListener('click', () => this.subject.goTo(id));
      return button;
    });
  }

  private _above = document.createElement('tr');
  private _below = document.createElement('tr');
  private _body = document.createElement('tbody');
  private _filter = document.createElement('input');
  private _found: readonly IEntry[] = [];
  private _headers = new Map<Column, { cell: HTMLTableCellElement; icon: HTMLElement }>();
  private _isAsking = false;
  private _isDue = false;
  private _labels: CellLabel = () => null;
  private _note = document.createElement('div');
  private _order: IOrder = { column: 'name', descending: false };
  private _rows = new Map<number, HTMLTableRowElement>();
  private _scroller: Scroller;
  private _table = document.createElement('table');
  private _variables: readonly IVariable[] = [];
}
