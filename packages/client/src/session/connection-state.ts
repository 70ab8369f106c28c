import type { FreshetState, StateCode } from '../api.ts';

export type ConnectionEvent =
  /** The page joins, or joins again. */
  | 'join'
  /** The tracker's policy lets viewers share. */
  | 'sharing-on'
  /** The policy forbids it, or nothing can be shared. */
  | 'sharing-off'
  /** The connection to the tracker broke, or could not be made. */
  | 'tracker-lost'
  | 'refused'
  /** Refused for now, while open links to neighbours go on feeding this viewer. */
  | 'refused-while-linked'
  /** This browser cannot link to viewers, or cannot verify their bytes. */
  | 'given-up';

/** Without a code: the reason that comes with the event. Undefined: nothing changes. */
type Cell = readonly [state: FreshetState, code?: StateCode] | undefined;
type Row = Readonly<Record<FreshetState, Cell>>;

const always = (cell: Cell): Row => ({ plain: cell, connecting: cell, swarming: cell });

const TRANSITIONS: Readonly<Record<ConnectionEvent, Row>> = {
  join: always(['connecting', 'joining']),
  'sharing-on': always(['swarming', 'joined']),
  'sharing-off': always(['plain']),
  'tracker-lost': {
    plain: undefined,
    connecting: ['connecting', 'tracker-unreachable'],
    swarming: ['swarming', 'tracker-lost'],
  },
  refused: always(['plain']),
  'refused-while-linked': always(['swarming', 'tracker-lost']),
  'given-up': always(['plain']),
};

/** @param reason why the state becomes `plain`; by default the broadcaster's policy. @returns undefined: nothing changes */
export function nextConnectionState(
  from: FreshetState,
  event: ConnectionEvent,
  reason: StateCode = 'policy',
): readonly [FreshetState, StateCode] | undefined {
  const cell = TRANSITIONS[event][from];
  if (cell === undefined) return undefined;
  const [state, code = reason] = cell;
  return [state, code];
}
