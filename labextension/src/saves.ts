import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { ICell as INotebookCell, INotebookContent } from '@jupyterlab/nbformat';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { Contents, Event, ServiceManager } from '@jupyterlab/services';

import type { ReactiveNotebook } from './notebook';
import type { CellType, ICell } from './protocol';

/** The events of jupyter_server about files. */
const SCHEMA = 'https://events.jupyter.org/jupyter_server/contents_service/v1';

type Context = DocumentRegistry.IContext<INotebookModel>;

/** What JupyterLab's context has to note what it knows of the file. */
interface INotingContext {
  _updateContentsModel?: (model: Contents.IModel) => void;
}

/**
 * Takes in that another page has saved the notebook, so that JupyterLab does not ask about a
 * changed file when this one does.
 *
 * #### Notes
 * Only what the kernel has made known to this page counts as such; if anything else has changed
 * the file, JupyterLab asks as ever.
 */
export class SavesElsewhere {
  constructor(
    reactive: ReactiveNotebook,
    context: Context,
    { contents, events }: ServiceManager.IManager
  ) {
    this._reactive = reactive;
    this._context = context;
    this._contents = contents;
    if (context.model.collaborative) {
      return; // The collaboration layer writes the file.
    }
    context.saveState.connect((_, state) => {
      if (state === 'started') {
        // Others are to know what is in the file.
        reactive.flush();
      }
    });
    const onEvent = (_: unknown, event: Event.Emission) => {
      const { schema_id, action, path } = event;
      if (schema_id === SCHEMA && action === 'save' && path === context.localPath) {
        this._onSaved().catch(() => undefined);
      }
    };
    events.stream.connect(onEvent);
    context.disposed.connect(() => events.stream.disconnect(onEvent));
  }

  private async _onSaved(): Promise<void> {
    const { path, contentsModel } = this._context;
    const saved = await this._contents.get(path, { content: true, hash: true });
    const known = contentsModel?.hash === saved.hash;
    if (known || this._context.isDisposed || !this._reactive.client) {
      return;
    }
    if (this._reactive.hasHeld(readCells(saved.content as INotebookContent))) {
      (this._context as INotingContext)._updateContentsModel?.({ ...saved, content: null });
    }
  }

  private _contents: Contents.IManager;
  private _context: Context;
  private _reactive: ReactiveNotebook;
}

/** The cells of a notebook file. */
function readCells({ cells }: INotebookContent): ICell[] {
  return cells.map(({ id, cell_type, source }: INotebookCell) => ({
    id: id as string,
    cell_type: cell_type as CellType,
    source: Array.isArray(source) ? source.join('') : source,
    tags: []
  }));
}
