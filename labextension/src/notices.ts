import { Notification } from '@jupyterlab/apputils';
import type { ITranslator } from '@jupyterlab/translation';

import type { ReactiveNotebook } from './notebook';

/**
 * Say so when the kernel of a notebook does not follow it, and why.
 */
export function notifyRefusals(reactive: ReactiveNotebook, translator: ITranslator): void {
  const trans = translator.load('reactive_kernel');
  let said = '';
  const notify = () => {
    const { refusal } = reactive;
    if (refusal && refusal !== said) {
      const name = reactive.sessionContext.name;
      Notification.warning(trans.__('%1 runs cell by cell: %2', name, refusal), {
        autoClose: false
      });
    }
    said = refusal;
  };
  reactive.stateChanged.connect(notify);
  notify();
}
