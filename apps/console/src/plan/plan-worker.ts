import { type PlanNumbers, type PlanOutcome, runPlan } from '@freshet/simulator/plan';

/** Messages of the worker: the progress from 0 to 1, then the outcome or the reason for its failure. */
export type PlanWord =
  | { readonly type: 'progress'; readonly share: number }
  | { readonly type: 'done'; readonly outcome: PlanOutcome }
  | { readonly type: 'failed'; readonly message: string };

/** Runs the simulator beside the page, which would not respond during the seconds that it computes. */
addEventListener('message', ({ data }: MessageEvent<PlanNumbers>) => {
  try {
    const outcome = runPlan(data, (share) => {
      say({ type: 'progress', share });
    });
    say({ type: 'done', outcome });
  } catch (error) {
    say({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
});

function say(word: PlanWord): void {
  postMessage(word);
}
