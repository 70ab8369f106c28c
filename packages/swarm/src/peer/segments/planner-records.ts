import type { Millis, PeerId, PieceSet } from '@freshet/protocol';
import type { FetchId } from '../api/peer-event.ts';

/** A piece requested from a neighbour and not answered yet. */
export interface Asked {
  readonly peer: PeerId;
  readonly at: Millis;
  /** When the piece should be here, by the neighbour's backlog and rate. */
  readonly expectedAt: Millis;
  /** When its first and its latest bytes arrived; undefined: none so far. */
  firstAt: Millis | undefined;
  touchedAt: Millis;
  /** Frames of it received so far. */
  frames: number;
}

/** A planner's decision on one segment stands until its inputs change, or until the time that it set itself. */
export interface Planned {
  /** When to decide again; 0: at once; Infinity: only after a change. */
  planAt: Millis;
}

/** What the classes of `requests/` know of an announced segment. Only they write it. */
export interface RequestRecord extends Planned {
  readonly asked: Map<number, Asked>;
  /** Rejected requests, by `declinedKey`: until when the neighbour is not asked for the piece again. */
  readonly declined: Map<string, Millis>;
  /** Neighbours queried for what they have of the segment, and when the last of them was. */
  readonly queried: Set<PeerId>;
  queriedAt: Millis;
  /** When a neighbour last announced a piece that was missing here. */
  offeredAt: Millis;
  /** A number of this viewer's own for the segment. */
  chance: number | undefined;
  /** Neighbours have pieces of it, but none of them could be asked: their windows are full. */
  starved: boolean;
}

export function declinedKey(peer: PeerId, piece: number): string {
  return `${piece} ${peer}`;
}

/** What the classes of `origin/` know of a segment. Only they write it. */
export interface OriginRecord extends Planned {
  /** The running transfer of the whole segment, if any. */
  wholeFetch: FetchId | undefined;
  /** When the newest transfer began. */
  fetchedSince: Millis;
  /** Failed transfers in a row, and when the next may start. */
  failures: number;
  retryAt: Millis;
}

/** The same of an announced segment, whose pieces can be told apart. */
export interface PieceOriginRecord extends OriginRecord {
  /** The origin's bytes do not match its own piece list: they are played, never shared. */
  unverifiable: boolean;
  /** Pieces that this viewer is fetching. */
  readonly fetching: Map<number, FetchId>;
  /** Pieces that another viewer takes from the origin, and until when that is believed. */
  readonly elsewhere: Map<number, { readonly peer: PeerId; readonly until: Millis }>;
  /** Neighbours that said so of a piece before, by `declinedKey`: each is believed once. */
  readonly believed: Set<string>;
  /** Pieces that the tracker asked this viewer to inject. */
  mine: readonly number[];
  /** When those should be here; undefined when there are none, or when they have been counted. */
  mineDueAt: Millis | undefined;
}

/** What a neighbour was last told in a `have` of the segment, and how many it was sent. */
export interface Told {
  readonly pieces: PieceSet;
  readonly times: number;
}
