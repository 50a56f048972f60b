import type { ITranslator } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import type { PanelLayout } from '@lumino/widgets';
import { Widget } from '@lumino/widgets';

import { panelIcon } from '../icons';
import type { IReactiveSettings } from '../tokens';
import { GraphView } from './graphview';
import { Minimap } from './minimap';
import type { Subject } from './subject';
import { Variables } from './variables';

const PANEL_CLASS = 'jp-ReactivePanel';

/**
 * The side panel: the notebook in front as a minimap, a graph, and a table of variables.
 */
export class ReactivePanel extends SidePanel {
  constructor(subject: Subject, settings: IReactiveSettings, translator: ITranslator) {
    super({ translator });
    const trans = translator.load('reactive_kernel');
    this._subject = subject;
    this.id = 'reactive-kernel-panel';
    this.addClass(PANEL_CLASS);
    this.title.icon = panelIcon;
    this.title.caption = trans.__('Reactive');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Reactive'));
    this._placeholder.addClass(`${PANEL_CLASS}-placeholder`);
    this._placeholder.node.textContent = trans.__(
      'Open a notebook with a reactive kernel to see its cells and variables here.'
    );
    (this.layout as PanelLayout).addWidget(this._placeholder);
    this._parts = [
      ['minimap', new Minimap(subject, trans)],
      ['graph', new GraphView(subject, trans)],
      ['variables', new Variables(subject, trans)]
    ];
    this._settings = settings;
    settings.changed.connect(this._arrange, this);
    subject.changed.connect(this._update, this);
    this._arrange();
    this._update();
  }

  private _arrange(): void {
    const wanted = this._settings.panelParts;
    // All anew: an accordion puts what it gets later behind the others for those who listen.
    this._parts.forEach(([, part]) => (part.parent = null));
    for (const [name, part] of this._parts) {
      if (wanted.includes(name)) {
        this.addWidget(part);
      }
    }
  }

  private _update(): void {
    const isShown = this._subject.panel !== null;
    this.content.setHidden(!isShown);
    this._placeholder.setHidden(isShown);
  }

  private _parts: [string, Widget][];
  private _placeholder = new Widget();
  private _settings: IReactiveSettings;
  private _subject: Subject;
}
