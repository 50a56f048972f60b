import { Notification } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { ITranslator } from '@jupyterlab/translation';

import { clock } from './labels';
import type { ReactiveNotebook } from './notebook';
import type { IError, IRunFinished } from './protocol';
import { refusalLabel } from './reasons';
import type { IReactiveSettings } from './tokens';

/** How long a run takes at least for its end to be worth a notice, in milliseconds. */
const LONG = 5000;

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
      const message = refusalLabel(refusal, trans);
      Notification.warning(trans.__('%1 runs cell by cell. %2', name, message), {
        autoClose: false as const
      });
    }
    said = refusal;
  };
  reactive.stateChanged.connect(notify);
  notify();
}

/**
 * Say so when a run that this page asked for ends while the notebook is not in view.
 */
export function notifyFinished(
  reactive: ReactiveNotebook,
  settings: IReactiveSettings,
  translator: ITranslator,
  show: (panel: NotebookPanel) => void
): void {
  const trans = translator.load('reactive_kernel');
  const started = new Map<string, number>();
  const notify = ({ executed, failed }: IRunFinished, time: string) => {
    const [panel] = reactive.panels;
    const { name } = reactive.sessionContext;
    const options = {
      actions: [{ label: trans.__('Show'), callback: () => show(panel) }],
      // Whoever was away is to find it.
      autoClose: false as const
    };
    if (failed.length > 0) {
      // Their prompts on the page may be a little behind.
      const counts = failed.map(id => reactive.statuses.get(id)?.execution_count ?? ' ');
      const cells = counts.map(count => `[${count}]`).join(', ');
      const message = trans._n(
        '%2: cell %3 failed. The run took %4.',
        '%2: %1 cells failed: %3. The run took %4.',
        failed.length,
        name,
        cells,
        time
      );
      Notification.error(message, options);
    } else {
      const message = trans._n(
        '%2: %1 cell has run, in %3.',
        '%2: %1 cells have run, in %3.',
        executed.length,
        name,
        time
      );
      Notification.success(message, options);
    }
  };
  reactive.event.connect((_, event) => {
    if (event.type === 'run_started' && event.origin === reactive.client?.id) {
      started.set(event.run, performance.now());
    } else if (event.type === 'run_finished') {
      const time = performance.now() - (started.get(event.run) ?? Infinity);
      started.delete(event.run);
      if (time > LONG && !event.cancelled && settings.notify && !isInView(reactive)) {
        notify(event, clock(time));
      }
    }
  });
}

function isInView({ panels }: ReactiveNotebook): boolean {
  return document.visibilityState === 'visible' && [...panels].some(panel => panel.isVisible);
}
