import type { Millis, PeerId, Signal } from '@freshet/protocol';
import { Calls } from './calls.ts';
import type { Way } from './candidate.ts';
import { screenSignal } from './screen-signal.ts';

/**
 * Why a signal is not passed on. `invalid-signal`: no browser makes such a signal. The others happen to honest viewers:
 * after a late message, or with a candidate that is of no use to the receiver.
 */
export type SignalFault = 'not-introduced' | 'out-of-turn' | 'invalid-signal' | 'unusable-candidate';

/** Decides which signals pass between the viewers of one stream, and in which form. */
export class SignalRelay {
  readonly #calls = new Calls();

  /** The tracker told `dialler` to make an offer to `other`. */
  introduced(dialler: PeerId, other: PeerId, now: Millis): void {
    this.#calls.introduced(dialler, other, now);
  }

  /** @returns the signal as it may be passed on, or why not. */
  pass(from: PeerId, to: PeerId, signal: Signal, way: Way, now: Millis): Signal | SignalFault {
    const isTurn = this.#calls.takeTurn(from, to, signal.type, now);
    // Checked out of turn as well: who sends what no browser makes is cut off.
    const screened = screenSignal(signal, way, () => isTurn && this.#calls.admit(from, to, now));
    if (screened === 'invalid') return 'invalid-signal';
    if (!isTurn) return 'out-of-turn';
    return screened === 'unusable' ? 'unusable-candidate' : screened;
  }
}
