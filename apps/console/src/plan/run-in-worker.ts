import type { PlanNumbers, PlanOutcome } from '@freshet/simulator/plan';
import type { PlanWord } from './plan-worker.ts';

export interface PlanRun {
  /** Rejects with an AbortError when the run is cancelled. */
  readonly outcome: Promise<PlanOutcome>;
  /** Ends the run at once. */
  cancel(): void;
}

/** @param onProgress called with the progress from 0 to 1 */
export function runInWorker(numbers: PlanNumbers, onProgress: (share: number) => void): PlanRun {
  const worker = new Worker(new URL('plan-worker.ts', import.meta.url), { type: 'module' });
  let cancel: () => void = () => undefined;
  const done = new Promise<PlanOutcome>((resolve, reject) => {
    cancel = () => {
      reject(new DOMException('cancelled', 'AbortError'));
    };
    worker.addEventListener('message', ({ data }: MessageEvent<PlanWord>) => {
      if (data.type === 'progress') onProgress(data.share);
      else if (data.type === 'done') resolve(data.outcome);
      else reject(new Error(data.message));
    });
    worker.addEventListener('error', () => {
      reject(new Error('The simulator failed to load. Reload the page and try again.'));
    });
  });
  worker.postMessage(numbers);
  const outcome = done.finally(() => {
    worker.terminate();
  });
  return {
    outcome,
    cancel: () => {
      cancel();
    },
  };
}
