import { decodeFrame } from '@freshet/protocol';
import type { PeerLink, PeerLinkFactory, PeerLinkHandlers } from '../peer-link.ts';

/** What every PeerLink does, as seen from outside. Runs where the link runs: in Node or in a browser's page. */
export interface ContractFindings {
  readonly opened: number;
  /** The control messages that came, in order. */
  readonly control: readonly number[];
  readonly longestMessage: number;
  readonly pieceIntact: boolean;
  readonly controlOvertookBulk: boolean;
  readonly piecesSent: number;
  /** A piece that was sent came with the link's round trip, at the latest after a second. */
  readonly roundTripTold: boolean;
  readonly closedHere: number;
  readonly closedThere: number;
  readonly threwAfterClose: boolean;
}

/** What `examinePeerLink` finds of a link that keeps the contract. */
export const CONTRACT: ContractFindings = {
  opened: 2,
  control: [1, 2, 3],
  longestMessage: 16_384,
  pieceIntact: true,
  controlOvertookBulk: true,
  piecesSent: 4,
  roundTripTold: true,
  closedHere: 0,
  closedThere: 1,
  threwAfterClose: false,
};

const SEGMENT = { epoch: 1, rendition: '0a0b0c0d', msn: 5 };
const PIECE = Uint8Array.from({ length: 65_536 }, (_, i) => (i * 13) & 0xff);
const PIECES = 4;

export async function examinePeerLink(open: PeerLinkFactory): Promise<ContractFindings> {
  let opened = 0;
  const [both, oneOpened] = countdown(2);
  const there = side(() => {
    opened++;
    oneOpened();
  });
  const here = side(() => {
    opened++;
    oneOpened();
  });
  here.link = open({ initiator: true, iceServers: [], relayOnly: false }, here.handlers(there));
  there.link = open({ initiator: false, iceServers: [], relayOnly: false }, there.handlers(here));
  await both;
  // A link is never renegotiated: these are dropped.
  here.link.signal({ type: 'offer', sdp: 'v=0 again' });
  there.link.signal({ type: 'offer', sdp: 'v=0 again' });

  here.link.sendControl(Uint8Array.of(1));
  here.link.sendControl(Uint8Array.of(2));
  for (let piece = 0; piece < PIECES; piece++) {
    here.link.sendPiece({ segment: SEGMENT, piece, bytes: PIECE.length }, PIECE);
  }
  here.link.sendControl(Uint8Array.of(3));
  await there.received(PIECES * PIECE.length);
  await here.sent(PIECES);
  const piecesSent = here.piecesSent;
  const end = performance.now() + 1000;
  while (!here.roundTripTold && performance.now() < end) {
    here.link.sendPiece({ segment: SEGMENT, piece: 0, bytes: PIECE.length }, PIECE);
    await here.sent(here.piecesSent + 1);
  }

  here.link.close();
  await there.closed();
  let threwAfterClose = false;
  try {
    for (const { link } of [here, there]) {
      link?.sendControl(Uint8Array.of(4));
      link?.sendPiece({ segment: SEGMENT, piece: 0, bytes: PIECE.length }, PIECE);
      link?.signal({ type: 'answer', sdp: 'v=0' });
      link?.close();
    }
  } catch {
    threwAfterClose = true;
  }
  // Whatever is still told after a close would come within a few turns.
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
  return {
    opened,
    control: there.control,
    longestMessage: there.longest,
    pieceIntact: there.intact,
    controlOvertookBulk: there.bulkBeforeLastControl < PIECES * PIECE.length,
    piecesSent,
    roundTripTold: here.roundTripTold,
    closedHere: here.timesClosed,
    closedThere: there.timesClosed,
    threwAfterClose,
  };
}

function side(onOpen: () => void) {
  const waiting: (() => void)[] = [];
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (condition()) resolve();
        else waiting.push(check);
      };
      check();
    });
  const happened = () => {
    for (const check of waiting.splice(0)) check();
  };
  const self = {
    link: undefined as PeerLink | undefined,
    control: [] as number[],
    longest: 0,
    intact: true,
    bulk: 0,
    bulkBeforeLastControl: 0,
    piecesSent: 0,
    roundTripTold: false,
    timesClosed: 0,
    received: (bytes: number) => until(() => self.bulk >= bytes),
    sent: (pieces: number) => until(() => self.piecesSent >= pieces),
    closed: () => until(() => self.timesClosed > 0),
    handlers: (other: { readonly link: PeerLink | undefined }): PeerLinkHandlers => ({
      onOpen,
      onSignal: (signal) => other.link?.signal(signal),
      onMessage: (bytes) => {
        self.longest = Math.max(self.longest, bytes.length);
        if (bytes.length === 1) {
          self.control.push(bytes[0] ?? 0);
          self.bulkBeforeLastControl = self.bulk;
        } else {
          const decoded = decodeFrame(bytes);
          if (!decoded.ok || decoded.frame.type !== 'piece') self.intact = false;
          else {
            const { offset, payload } = decoded.frame;
            self.bulk += payload.length;
            self.intact &&= payload.every((byte, i) => byte === PIECE[offset + i]);
          }
        }
        happened();
      },
      onPieceSent: (_tag, roundTrip) => {
        self.piecesSent++;
        self.roundTripTold ||= roundTrip !== undefined && roundTrip >= 0 && roundTrip < 1000;
        happened();
      },
      onClosed: () => {
        self.timesClosed++;
        happened();
      },
    }),
  };
  return self;
}

function countdown(n: number): [Promise<void>, () => void] {
  let left = n;
  let resolve: () => void = () => undefined;
  const done = new Promise<void>((ready) => {
    resolve = ready;
  });
  return [
    done,
    () => {
      if (--left === 0) resolve();
    },
  ];
}
