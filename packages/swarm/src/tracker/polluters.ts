import { type Millis, type PeerId, setBounded } from '@freshet/protocol';
import type { TrackedPeer } from './cells/tracked-peer.ts';

/** For a ban a link counts when both ends had reported it for this long before the accusation. */
const LINKED_MS = 2000;
/** Networks whose viewers must accuse a viewer before it is banned, ... */
const NETWORKS = 3;
/** ... and wider places in which these networks must be: whoever rents servers gets neighbouring networks. */
const PLACES = 2;
/** An accusation counts for this long. */
const ACCUSATION_MS = 600_000;
/** In that time the accusations of one viewer, and of one network, count for so many suspects and no more. */
const SUSPECTS_OF_VIEWER = 3;
const SUSPECTS_OF_NETWORK = 6;
/** The first ban of a viewer of a network; each further one within `REMEMBERED_MS` is twice as long. */
const FIRST_BAN_MS = 120_000;
const LONGEST_BAN_MS = 3600_000;
const REMEMBERED_MS = 3600_000;
/** Newcomers of a banned viewer's network are on probation for as long as the ban, at most this long. */
const LONGEST_PROBATION_MS = 600_000;
/** Suspects, accusers and networks that are remembered; the oldest is dropped. */
const MAX_REMEMBERED = 10_000;

interface Accusation {
  /** The wider place of the accusing network. */
  readonly place: string;
  readonly at: Millis;
}

interface Ban {
  readonly at: Millis;
  readonly until: Millis;
  readonly forMs: Millis;
}

/** What an accusation leads to. */
export type Verdict =
  /** Nothing beyond the end of the link: the two are not known to have been linked, or the accuser accuses too many. */
  | 'ignored'
  /** It does not suffice for a ban; the suspect meets fewer new peers. */
  | 'counted'
  | { readonly banMs: Millis };

/**
 * Judges accusations of having sent corrupt pieces. Whoever accuses may lie, so what a stranger can claim alone has no
 * consequence: both ends must have reported the link, and a ban needs viewers of several networks. See
 * docs/decisions/0018-bans-rest-on-links.md.
 */
export class Polluters {
  /** For each suspect, the networks that accuse it. */
  readonly #accusations = new Map<PeerId, Map<string, Accusation>>();
  /** For each accuser and each network, the suspects and when each was last accused. */
  readonly #accused = new Map<string, Map<PeerId, Millis>>();
  /** For each network, the latest ban of one of its viewers. */
  readonly #bans = new Map<string, Ban>();

  accuse(accuser: TrackedPeer, suspect: TrackedPeer, now: Millis): Verdict {
    const linkedAt = accuser.linkedSince(suspect);
    if (linkedAt === undefined) return 'ignored';
    const isBelieved =
      this.#mayAccuse(`viewer ${accuser.id}`, suspect.id, SUSPECTS_OF_VIEWER, now) &&
      this.#mayAccuse(`network ${accuser.network}`, suspect.id, SUSPECTS_OF_NETWORK, now);
    if (!isBelieved) return 'ignored';
    if (now - linkedAt < LINKED_MS) return 'counted';
    const accusations = fresh(this.#accusations.get(suspect.id), ({ at }) => now - at < ACCUSATION_MS);
    accusations.set(accuser.network, { place: accuser.places[0] ?? '', at: now });
    setBounded(this.#accusations, suspect.id, accusations, MAX_REMEMBERED);
    const places = new Set([...accusations.values()].map(({ place }) => place));
    if (accusations.size < NETWORKS || places.size < PLACES) return 'counted';
    this.#accusations.delete(suspect.id);
    return { banMs: this.#ban(suspect.network, now) };
  }

  /** Whether a viewer of the network was banned lately: it may have come back under another name. */
  isOnProbation(network: string, now: Millis): boolean {
    const ban = this.#bans.get(network);
    return ban !== undefined && now < Math.min(ban.until, ban.at + LONGEST_PROBATION_MS);
  }

  #mayAccuse(who: string, suspect: PeerId, most: number, now: Millis): boolean {
    const accused = fresh(this.#accused.get(who), (at) => now - at < ACCUSATION_MS);
    if (accused.size >= most && !accused.has(suspect)) return false;
    accused.set(suspect, now);
    setBounded(this.#accused, who, accused, MAX_REMEMBERED);
    return true;
  }

  #ban(network: string, now: Millis): Millis {
    const before = this.#bans.get(network);
    const isRepeated = before !== undefined && now - before.until < REMEMBERED_MS;
    const forMs = isRepeated ? Math.min(LONGEST_BAN_MS, 2 * before.forMs) : FIRST_BAN_MS;
    setBounded(this.#bans, network, { at: now, until: now + forMs, forMs }, MAX_REMEMBERED);
    return forMs;
  }
}

function fresh<K, V>(map: ReadonlyMap<K, V> | undefined, isFresh: (value: V) => boolean): Map<K, V> {
  return new Map([...(map ?? [])].filter(([, value]) => isFresh(value)));
}
