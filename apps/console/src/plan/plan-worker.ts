import { type PlanNumbers, type PlanOutcome, runPlan } from '@freshet/simulator/plan';

/** What the worker says: how much is done, 0 to 1, and at last the outcome, or why there is none. */
export type PlanWord =
  | { readonly type: 'progress'; readonly share: number }
  | { readonly type: 'done'; readonly outcome: PlanOutcome }
  | { readonly type: 'failed'; readonly message: string };

/** The simulator beside the page: it computes for seconds, in which a page would not answer. */
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
