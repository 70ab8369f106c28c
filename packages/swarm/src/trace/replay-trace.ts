import type { Millis } from '@freshet/protocol';
import { PeerCore, type PeerCoreOptions } from '../peer/peer-core.ts';
import { TrackerCore, type TrackerCoreOptions } from '../tracker/tracker-core.ts';
import { readTrace, type TraceStep } from './read-trace.ts';
import type { TraceHeader } from './trace-recorder.ts';

interface Core {
  handle(event: { readonly type: string }, now: Millis): readonly object[];
}

export interface ReplayedStep {
  /** From 1. */
  readonly number: number;
  readonly step: TraceStep;
  /** What the core decides now, as JSON. Undefined: the trace lacks its beginning, and only what it says can be shown. */
  readonly decided: string | undefined;
}

export interface Replay {
  readonly header: TraceHeader;
  readonly steps: number;
  /** The first step at which the core decides otherwise than recorded. */
  readonly difference: ReplayedStep | undefined;
}

/**
 * Steps a new core through a trace, up to the first step at which it decides otherwise than recorded.
 * @param onStep called for each step, the differing one included.
 * @throws Error when the text is not a trace.
 */
export function replayTrace(text: string, onStep: (step: ReplayedStep) => void = () => undefined): Replay {
  const { header, steps } = readTrace(text);
  const core = header.dropped > 0 ? undefined : coreOf(header);
  for (const [i, step] of steps.entries()) {
    const decided = core === undefined ? undefined : decide(core, step);
    const replayed = { number: i + 1, step, decided };
    onStep(replayed);
    if (decided !== undefined && decided !== step.commands)
      return { header, steps: steps.length, difference: replayed };
  }
  return { header, steps: steps.length, difference: undefined };
}

/** The trace may come from anywhere: what the core makes of a wrong option or event is its own error. */
function coreOf({ core, options, startedAt }: TraceHeader): Core {
  const made =
    core === 'peer'
      ? new PeerCore(options as PeerCoreOptions, startedAt)
      : new TrackerCore(options as TrackerCoreOptions);
  return made;
}

/** A core that throws decides nothing, and says why. */
function decide(core: Core, { event, now }: TraceStep): string {
  try {
    return JSON.stringify(core.handle(event, now));
  } catch (error) {
    return String(error);
  }
}
