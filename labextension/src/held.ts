import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { ITranslator } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import { CommandIDs, NO_ARGUMENTS } from './commands';
import { heldIcons } from './icons';
import type { Held } from './protocol';
import type { IReactiveTracker } from './tokens';
import { toolbarButton } from './toolbar';

/** The tags by which the kernel knows them, here and in runs without a page. */
const TAGS: Record<Held, string> = { frozen: 'reactive-frozen', manual: 'reactive-manual' };

/**
 * Add the commands that freeze cells, or leave them to be run by hand.
 */
export function addHeldCommands(
  commands: CommandRegistry,
  notebooks: INotebookTracker,
  tracker: IReactiveTracker,
  translator: ITranslator
): void {
  const trans = translator.load('reactive_kernel');
  const selected = () => {
    const cells = notebooks.currentWidget?.content.selectedCells ?? [];
    return cells.map(cell => cell.model).filter(({ type }) => type === 'code');
  };
  const isReactive = () => (tracker.current?.connection ?? 'other') !== 'other';

  const add = (id: string, held: Held, label: string, caption: string) => {
    const tag = TAGS[held];
    commands.addCommand(id, {
      label,
      caption,
      icon: heldIcons[held],
      describedBy: NO_ARGUMENTS,
      isToggleable: true,
      isVisible: isReactive,
      isEnabled: () => isReactive() && selected().length > 0,
      isToggled: () => {
        const cell = notebooks.activeCell?.model;
        return cell !== undefined && tagsOf(cell).includes(tag);
      },
      execute: () => {
        const cells = selected();
        const isOn = cells.every(cell => tagsOf(cell).includes(tag));
        cells.forEach(cell => setTag(cell, tag, !isOn));
        commands.notifyCommandChanged(id);
      }
    });
    notebooks.activeCellChanged.connect(() => commands.notifyCommandChanged(id));
  };
  add(
    CommandIDs.toggleFrozen,
    'frozen',
    trans.__('Freeze Cell'),
    trans.__('Keep what the cell has left: it runs only alone, when you run it')
  );
  add(
    CommandIDs.toggleManual,
    'manual',
    trans.__('Run Cell Only by Hand'),
    trans.__('Never run the cell because of another one')
  );
}

/**
 * Freezes the cell whose toolbar it is in, and tells whether it is frozen.
 */
export class FreezeButton extends Widget {
  constructor(commands: CommandRegistry) {
    const id = CommandIDs.toggleFrozen;
    const execute = () => void commands.execute(id);
    super({ node: toolbarButton(heldIcons.frozen, commands.caption(id), execute) });
    this._commands = commands;
    commands.commandChanged.connect(this._onCommandChanged, this);
    this._update();
  }

  private _onCommandChanged(_: CommandRegistry, { id }: CommandRegistry.ICommandChangedArgs): void {
    if (id === CommandIDs.toggleFrozen) {
      this._update();
    }
  }

  private _update(): void {
    const id = CommandIDs.toggleFrozen;
    this.node.hidden = !this._commands.isVisible(id);
    this.node.ariaPressed = `${this._commands.isToggled(id)}`;
  }

  private _commands: CommandRegistry;
}

function tagsOf(cell: ICellModel): string[] {
  const tags: unknown = cell.getMetadata('tags');
  return Array.isArray(tags) ? tags.filter(tag => typeof tag === 'string') : [];
}

function setTag(cell: ICellModel, tag: string, isOn: boolean): void {
  const others = tagsOf(cell).filter(other => other !== tag);
  const tags = isOn ? [...others, tag] : others;
  if (tags.length) {
    cell.setMetadata('tags', tags);
  } else {
    cell.deleteMetadata('tags');
  }
}
