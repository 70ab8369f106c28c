import {
  parseSegmentKey,
  type PeerId,
  type Policy,
  type Pollution,
  type SegmentId,
  segmentKey,
} from '@freshet/protocol';
import type { PeerCommand } from '@freshet/swarm';
import type { OriginFetches } from '../origin/origin-fetches.ts';
import type { SegmentUrls } from '../origin/segment-urls.ts';
import type { PeerLinks } from '../peers/peer-links.ts';
import type { PieceReceiver } from '../peers/piece-receiver.ts';
import type { PlayerRequests } from './player-requests.ts';
import type { PieceStore } from '../store/piece-store.ts';

/** What the core's commands act on. */
export interface CommandTargets {
  readonly links: PeerLinks;
  readonly origin: OriginFetches;
  readonly store: PieceStore;
  readonly receiver: PieceReceiver;
  readonly requests: PlayerRequests;
  readonly urls: SegmentUrls;
  readonly policy: Policy;
  fetchList(segment: SegmentId): void;
  reportPollution(pollution: Pollution): void;
}

/** Executes one command of the core. Throws when the core asks for bytes that are not held. */
export function runCommand(command: PeerCommand, targets: CommandTargets): void {
  const { links, origin, store, requests, urls } = targets;
  switch (command.type) {
    case 'dial':
      links.dial(command.peer, command.initiator, targets.policy);
      break;
    case 'hang-up':
      links.hangUp(command.peer, command.why);
      break;
    case 'send':
      sendFrame(command.peer, command.frame, targets);
      break;
    case 'send-piece': {
      const { peer, piece } = command;
      const segment = parseSegmentKey(command.segment);
      const bytes = store.piece(command.segment, piece);
      if (segment === undefined || bytes === undefined)
        throw new Error(`send-piece of ${command.segment} ${piece}, which is not here`);
      links.sendPiece(peer, { segment, piece, bytes: bytes.length }, bytes, command.backlogMs);
      break;
    }
    case 'recall-piece': {
      const segment = parseSegmentKey(command.segment);
      if (segment !== undefined) links.pacer.recall(command.peer, { segment, piece: command.piece });
      break;
    }
    case 'pace':
      links.pacer.bytesPerMs = command.bytesPerMs;
      break;
    case 'fetch':
      origin.start(command.fetch, segmentKey(command.segment), urls.urlOf(command.segment), command.span);
      break;
    case 'abort-fetch':
      origin.abort(command.fetch);
      break;
    case 'fetch-list':
      targets.fetchList(command.segment);
      break;
    case 'deliver':
      requests.deliver(command.want, command.fetch);
      break;
    case 'fail':
      requests.fail(command.want);
      break;
    case 'forget':
      store.forget(command.segment);
      break;
    case 'report-pollution':
      targets.reportPollution({ peer: command.peer, ...command.segment, piece: command.piece });
      break;
  }
}

function sendFrame(
  peer: PeerId,
  frame: Extract<PeerCommand, { type: 'send' }>['frame'],
  { links, store, receiver }: CommandTargets,
): void {
  if (frame.type === 'request') {
    const key = segmentKey(frame.segment);
    const bytes = store.bytesOf(key);
    if (bytes === undefined) throw new Error(`request of ${key}, which is not here`);
    receiver.assembler.requested(peer, key, bytes, frame.pieces);
  }
  links.send(peer, frame);
}
