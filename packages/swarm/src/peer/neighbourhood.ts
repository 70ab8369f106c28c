import { LIMITS, type PeerId, type Policy } from '@freshet/protocol';
import { Neighbour } from './neighbour.ts';
import type { Outbox } from './outbox.ts';
import type { HangUpReason } from './peer-command.ts';

/** Bad pieces from one neighbour before it is dropped. One can be a broken memory; two are a polluter. */
const BAD_PIECES_ALLOWED = 1;
/** Peers never linked again in this session; the oldest is forgiven when there are more. */
const MAX_BLACKLIST = 256;
/** Room above the policy's number for peers that were introduced from the other side. */
const SPARE_SEATS = 2;
/** A neighbour that let requests run out of time and answered none of them for this long is as good as gone. */
const SILENT_MS = 8000;

/** Who this viewer is linked to, dials, or will not have. */
export class Neighbourhood {
  readonly #outbox: Outbox;
  readonly #open = new Map<PeerId, Neighbour>();
  readonly #dialling = new Set<PeerId>();
  readonly #blacklist = new Set<PeerId>();
  #policy: Policy;

  constructor(outbox: Outbox, policy: Policy) {
    this.#outbox = outbox;
    this.#policy = policy;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Links are being made: waiting a moment for them may pay. */
  get dialling(): boolean {
    return this.#dialling.size > 0;
  }

  get seeking(): boolean {
    return this.#policy.mode !== 'off' && this.#open.size + this.#dialling.size < this.#seats;
  }

  /** Open links and those being made. */
  get everyone(): readonly PeerId[] {
    return [...this.#open.keys(), ...this.#dialling];
  }

  get ids(): readonly PeerId[] {
    return [...this.#open.keys()];
  }

  get(peer: PeerId): Neighbour | undefined {
    return this.#open.get(peer);
  }

  all(): Iterable<Neighbour> {
    return this.#open.values();
  }

  apply(policy: Policy): void {
    this.#policy = policy;
  }

  introduced(peer: PeerId, initiator: boolean): void {
    if (this.#policy.mode === 'off' || this.#blacklist.has(peer)) return;
    if (this.#open.has(peer) || this.#dialling.has(peer)) return;
    const seats = Math.min(this.#seats + SPARE_SEATS, LIMITS.neighbours);
    if (this.#open.size + this.#dialling.size >= seats) return;
    this.#dialling.add(peer);
    this.#outbox.put({ type: 'dial', peer, initiator });
  }

  opened(peer: PeerId): Neighbour | undefined {
    if (!this.#dialling.delete(peer)) return undefined;
    const neighbour = new Neighbour(peer);
    this.#open.set(peer, neighbour);
    return neighbour;
  }

  closed(peer: PeerId): void {
    this.#dialling.delete(peer);
    this.#open.delete(peer);
  }

  /** The peer is no neighbour from now on; the `link-closed` that answers finds nothing to do. */
  hangUp(peer: PeerId, why: HangUpReason): void {
    if (why === 'pollution' || why === 'misbehaviour' || why === 'expelled') this.#ban(peer);
    if (!this.#open.delete(peer) && !this.#dialling.delete(peer)) return;
    this.#outbox.put({ type: 'hang-up', peer, why });
  }

  /** @returns whether the neighbour has to go. */
  strike(neighbour: Neighbour): boolean {
    return ++neighbour.badPieces > BAD_PIECES_ALLOWED;
  }

  isSilent(neighbour: Neighbour): boolean {
    const since = neighbour.unansweredSince;
    return since !== undefined && !neighbour.isCredible && this.#outbox.now - since >= SILENT_MS;
  }

  get #seats(): number {
    return Math.min(this.#policy.maxNeighbours, LIMITS.neighbours);
  }

  #ban(peer: PeerId): void {
    this.#blacklist.add(peer);
    if (this.#blacklist.size <= MAX_BLACKLIST) return;
    const oldest = this.#blacklist.values().next();
    if (!oldest.done) this.#blacklist.delete(oldest.value);
  }
}
