import { Notification } from '@jupyterlab/apputils';
import type { ITranslator } from '@jupyterlab/translation';

import type { ReactiveNotebook } from './notebook';
import type { IError } from './protocol';

/**
 * Say so when the kernel of a notebook refuses to follow it, and why.
 */
export function notifyRefusals(reactive: ReactiveNotebook, translator: ITranslator): void {
  const trans = translator.load('reactive_kernel');
  let said: IError | null = null;
  const notify = () => {
    const { refusal } = reactive;
    if (refusal && refusal.code !== said?.code) {
      const { name } = reactive.sessionContext;
      // JupyterLab cuts a notice after 140 characters; the kernel's message names two paths.
      const message =
        refusal.code === 'other_document'
          ? trans.__('Its kernel follows another notebook: choose a new kernel for this one.')
          : refusal.message;
      Notification.warning(trans.__('%1 runs cell by cell. %2', name, message), {
        autoClose: false
      });
    }
    said = refusal;
  };
  reactive.stateChanged.connect(notify);
  notify();
}
