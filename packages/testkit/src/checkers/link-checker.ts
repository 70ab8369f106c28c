import { LIMITS, type Millis, type PeerId } from '@freshet/protocol';
import type { PeerCommand, PeerEvent } from '@freshet/swarm';
import type { ObservedViewer } from '../lab/lab-observer.ts';
import { Checker, PerViewer } from './checker.ts';

/** Offers under way at a time. */
const OFFERS_AT_ONCE = 2;

/**
 * Commands refer to existing links: a link is dialled when it was introduced and not dialled already, used only while
 * open, and hung up once. No more than two offers are under way. There are no more links than the policy and the spare
 * seats allow (PROTOCOL.md, B2), and a peer that was disconnected for its behaviour is not dialled again.
 */
export class LinkChecker extends Checker {
  readonly #links = new PerViewer(() => new Map<PeerId, 'offering' | 'called' | 'open'>());
  readonly #introduced = new PerViewer(() => new Map<PeerId, boolean>());
  readonly #banned = new PerViewer(() => new Set<PeerId>());

  told(viewer: ObservedViewer, event: PeerEvent): void {
    const links = this.#links.of(viewer);
    if (event.type === 'introduced') this.#introduced.of(viewer).set(event.peer, event.dial);
    else if (event.type === 'link-closed') links.delete(event.peer);
    // A link that opens after the core gave the dial up does not exist for the core.
    else if (event.type === 'link-open' && links.has(event.peer)) links.set(event.peer, 'open');
  }

  decided(viewer: ObservedViewer, command: PeerCommand, now: Millis): void {
    const links = this.#links.of(viewer);
    switch (command.type) {
      case 'dial':
        if (links.has(command.peer)) this.breach(viewer, now, `dials ${command.peer} twice`);
        if (this.#introduced.of(viewer).get(command.peer) !== command.initiator)
          this.breach(viewer, now, `dials ${command.peer} otherwise than it was introduced`);
        if (this.#banned.of(viewer).has(command.peer))
          this.breach(viewer, now, `dials ${command.peer}, which it had dropped for good`);
        links.set(command.peer, command.initiator ? 'offering' : 'called');
        if ([...links.values()].filter((state) => state === 'offering').length > OFFERS_AT_ONCE)
          this.breach(viewer, now, `dials ${command.peer}, the third at a time`);
        break;
      case 'hang-up':
        if (!links.delete(command.peer))
          this.breach(viewer, now, `hangs up on ${command.peer}, no link of it`);
        if (command.why === 'pollution' || command.why === 'misbehaviour' || command.why === 'expelled')
          this.#banned.of(viewer).add(command.peer);
        break;
      case 'send':
      case 'send-piece':
        if (links.get(command.peer) !== 'open')
          this.breach(viewer, now, `${command.type} to ${command.peer}, which has no open link`);
        break;
      default:
        break;
    }
  }

  settled(viewer: ObservedViewer, now: Millis): void {
    const links = this.#links.of(viewer);
    const most = Math.min(viewer.policy.maxNeighbours + LIMITS.spareSeats, LIMITS.neighbours);
    if (links.size > most) this.breach(viewer, now, `${links.size} links, ${most} allowed`);
    const open = [...links].filter(([, state]) => state === 'open').map(([peer]) => peer);
    const said = viewer.brain.neighbours;
    if (said.length !== open.length || said.some((peer) => links.get(peer) !== 'open'))
      this.breach(viewer, now, `says its neighbours are ${said.join(' ')}, they are ${open.join(' ')}`);
  }
}
