import { HoverBox } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { CellLabel, ICause } from './reasons';

const WHY_CLASS = 'jp-ReactiveWhy';

/** What can be done about a cell. */
export interface IAction {
  /** What its button says. */
  label: string;
  execute: () => void;
}

/** What `Why` shows, and what its buttons do. */
export interface IWhyOptions {
  /** The button that it belongs to. */
  anchor: HTMLElement;
  /** What it stays within. */
  host: HTMLElement;
  /** The state, as people call it. */
  title: string;
  causes: readonly ICause[];
  cellLabel: CellLabel;
  goTo: (id: string) => void;
  actions: readonly IAction[];
  trans: TranslationBundle;
}

/**
 * Tells beside a cell why it is marked, leads to the cells that it names, and offers to run it.
 *
 * #### Notes
 * It goes when something else is focused, and with Escape.
 */
export class Why extends Widget {
  constructor({ anchor, host, title, causes, cellLabel, goTo, actions, trans }: IWhyOptions) {
    super();
    this._anchor = anchor;
    this._host = host;
    this.addClass(WHY_CLASS);
    this.node.tabIndex = -1;
    this.node.setAttribute('role', 'dialog');
    this.node.setAttribute('aria-label', title);
    // The notebook's shortcuts would take Enter and Escape.
    this.node.dataset.lmSuppressShortcuts = 'true';
    const heading = document.createElement('div');
    heading.className = `${WHY_CLASS}-title`;
    heading.textContent = title;
    const list = document.createElement('ul');
    for (const { text, cell } of causes) {
      const item = document.createElement('li');
      item.append(text);
      if (cell !== null) {
        const label = trans.__('Go to cell %1', cellLabel(cell) ?? '');
        item.append(
          ' ',
          this._button('link', label, () => goTo(cell))
        );
      }
      list.append(item);
    }
    const buttons = document.createElement('div');
    buttons.className = `${WHY_CLASS}-actions`;
    for (const { label, execute } of actions) {
      buttons.append(this._button('action', label, execute));
    }
    this.node.append(heading, list, buttons);
    this.node.addEventListener('keydown', this);
    this.node.addEventListener('focusout', this);
  }

  /**
   * Handle the DOM events of the node.
   */
  handleEvent(event: Event): void {
    if (event instanceof KeyboardEvent) {
      if (event.key === 'Escape') {
        event.stopPropagation();
        this._anchor.focus();
        this.dispose();
      }
    } else if (event instanceof FocusEvent) {
      const next = event.relatedTarget;
      if (!(next instanceof Node && this.node.contains(next))) {
        this.dispose();
      }
    }
  }

  /** Show it, and focus it. */
  open(): void {
    Widget.attach(this, document.body);
    HoverBox.setGeometry({
      anchor: this._anchor.getBoundingClientRect(),
      host: this._host,
      node: this.node,
      maxHeight: 300,
      minHeight: 40
    });
    (this.node.querySelector('button') ?? this.node).focus();
  }

  private _button(kind: string, label: string, execute: () => void): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = `${WHY_CLASS}-${kind}`;
    button.textContent = label;
    button.addEventListener('click', () => {
      this.dispose();
      execute();
    });
    return button;
  }

  private _anchor: HTMLElement;
  private _host: HTMLElement;
}
