import type { FreshetState, StateCode } from '../api.ts';

export type ConnectionEvent =
  /** The page joins, or joins again. */
  | 'join'
  /** The tracker's policy allows sharing. */
  | 'sharing-on'
  /** The policy forbids sharing, or nothing can be shared. */
  | 'sharing-off'
  /** The connection to the tracker broke, or could not be made. */
  | 'tracker-lost'
  | 'refused'
  /** Refused for now, while open links to neighbours still supply this viewer. */
  | 'refused-while-linked'
  /** This browser cannot link to viewers, or cannot verify their bytes. */
  | 'given-up';

/** Without a code: the event's reason applies. Undefined: nothing changes. */
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

/**
 * @param reason why the state becomes `plain`. Default: the broadcaster's policy.
 * @returns undefined when nothing changes
 */
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
