import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Millis, StreamName } from '@freshet/protocol';

/**
 * What a ticket opens. `media`: segments, parts and piece lists; `init`: init segments, whose addresses may not change
 * while a stream plays, because players would load them again.
 */
export type TicketUse = 'media' | 'init';

/** How long a ticket is valid, and for how long the same ticket is issued, so that caches see one address. */
const LIFE_MS: Readonly<Record<TicketUse, Millis>> = { media: 60_000, init: 24 * 3600_000 };
const WINDOW_MS: Readonly<Record<TicketUse, Millis>> = { media: 10_000, init: 12 * 3600_000 };
/**
 * After a revocation, older tickets of the stream are valid for this much longer. Players reload a live playlist in
 * this time and find new tickets there. A player with segments longer than this may be refused one, once.
 */
export const GRACE_MS: Millis = 8000;

const TICKET = /^([0-9a-z]{1,10})-([A-Za-z0-9_-]{22})$/;

/**
 * Signs tickets: what the addresses in a private stream's playlists carry. A ticket is bound to the stream and to the
 * time, not to a viewer, so that a cache can answer many viewers with one copy.
 */
export class Tickets {
  readonly #key: Buffer;
  readonly #now: () => Millis;
  /** The latest revocations of each stream, oldest first: tickets that were issued before are void. */
  readonly #voided = new Map<StreamName, readonly Millis[]>();

  /** @param secret the operator's; without one, a restart of the server voids all tickets @param now since 1970 */
  constructor(secret: string | undefined, now: () => Millis) {
    this.#key =
      secret === undefined
        ? randomBytes(32)
        : Buffer.from(hkdfSync('sha256', secret, '', 'freshet tickets', 32));
    this.#now = now;
  }

  /** The ticket for addresses that are handed out now. */
  issue(stream: StreamName, use: TicketUse): string {
    const window = this.#now() - (this.#now() % WINDOW_MS[use]);
    const issuedAt = Math.ceil(Math.max(window, (this.#voided.get(stream)?.at(-1) ?? -1) + 1));
    return `${issuedAt.toString(36)}-${this.#sign(stream, use, issuedAt)}`;
  }

  /** @returns the time for which the ticket is valid from now on; undefined if it is not */
  check(ticket: string, stream: StreamName, use: TicketUse): Millis | undefined {
    const [, time = '', mac = ''] = TICKET.exec(ticket) ?? [];
    const issuedAt = Number.parseInt(time, 36);
    if (Number.isNaN(issuedAt)) return undefined;
    if (!timingSafeEqual(Buffer.from(mac), Buffer.from(this.#sign(stream, use, issuedAt)))) return undefined;
    const now = this.#now();
    const voided = (this.#voided.get(stream) ?? []).some((at) => issuedAt <= at && at + GRACE_MS <= now);
    const left = issuedAt + LIFE_MS[use] - now;
    return voided || left <= 0 ? undefined : left;
  }

  /** Ends all tickets of a stream, after a time in which players find new ones. */
  void(stream: StreamName): void {
    const now = this.#now();
    const before = this.#voided.get(stream) ?? [];
    // The latest that has taken effect covers all before it.
    const effective = before.findLastIndex((at) => at + GRACE_MS <= now);
    this.#voided.set(stream, [...before.slice(Math.max(effective, 0)), now]);
  }

  #sign(stream: StreamName, use: TicketUse, issuedAt: number): string {
    return createHmac('sha256', this.#key)
      .update(`${use}\n${stream}\n${issuedAt}`)
      .digest('base64url')
      .slice(0, 22);
  }
}
