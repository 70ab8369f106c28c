import type { Signal } from '@freshet/protocol';
import { type CandidateFault, screenCandidate, type Way } from './candidate.ts';
import { screenDescription } from './session-description.ts';

/**
 * Checks a signal before it is passed on: the receiver's browser acts on it. PROTOCOL.md, rules S7, C4 and C6.
 * @param admit is called for each usable candidate, also within a description; false leaves it out.
 * @returns the signal as it may be passed on, or why not
 */
export function screenSignal(signal: Signal, way: Way, admit: () => boolean): Signal | CandidateFault {
  if (signal.type !== 'candidate') {
    const screened = screenDescription(signal, way, admit);
    return screened === 'invalid' ? screened : { type: signal.type, sdp: screened.sdp };
  }
  const { candidate: text, sdpMid, sdpMLineIndex } = signal.candidate;
  if ((sdpMLineIndex ?? 0) !== 0 || !/^[\w+./!*-]{0,64}$/.test(sdpMid ?? '')) return 'invalid';
  // Firefox says so that there are no more.
  const screened = text === '' ? { candidate: '' } : screenCandidate(text, way);
  if (typeof screened === 'string') return screened;
  return admit() ? { type: 'candidate', candidate: { ...signal.candidate, ...screened } } : 'unusable';
}
