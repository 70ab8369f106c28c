import { decodeFrame, encodeFrame, FRAME_PAYLOAD_BYTES } from '@freshet/protocol';
import type { PeerLink, PeerLinkFactory, PeerLinkHandlers } from '../peers/peer-link.ts';

/**
 * The behaviour of a PeerLink as seen from outside. It is examined where the link runs: in Node or in a browser's page.
 */
export interface ContractFindings {
  readonly readyBeforeOpen: boolean;
  readonly opened: number;
  /** The control messages that arrived, in order. */
  readonly control: readonly number[];
  readonly longestMessage: number;
  readonly bulkIntact: boolean;
  /** With a long frame waiting, the link takes no other until it has reported that it is drained. */
  readonly filled: boolean;
  readonly toldReady: boolean;
  readonly controlOvertookBulk: boolean;
  readonly closedHere: number;
  readonly closedThere: number;
  readonly readyAfterClose: boolean;
  readonly threwAfterClose: boolean;
}

/** The findings of `examinePeerLink` for a link that keeps the contract. */
export const CONTRACT: ContractFindings = {
  readyBeforeOpen: false,
  opened: 2,
  control: [1, 2, 3],
  longestMessage: 16_384,
  bulkIntact: true,
  filled: true,
  toldReady: true,
  controlOvertookBulk: true,
  closedHere: 0,
  closedThere: 1,
  readyAfterClose: false,
  threwAfterClose: false,
};

const SEGMENT = { epoch: 1, rendition: '0a0b0c0d', msn: 5 };
const PAYLOAD = Uint8Array.from({ length: FRAME_PAYLOAD_BYTES }, (_, i) => (i * 13) & 0xff);
const FRAMES = 16;

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
  const link = open(
    { initiator: true, iceServers: [], relayOnly: false, relayAtOnce: false },
    here.handlers(there),
  );
  here.link = link;
  there.link = open(
    { initiator: false, iceServers: [], relayOnly: false, relayAtOnce: false },
    there.handlers(here),
  );
  const readyBeforeOpen = link.isReady || there.link.isReady;
  await both;
  // An open link is never renegotiated: these are dropped.
  link.signal({ type: 'offer', sdp: 'v=0 again' });
  there.link.signal({ type: 'offer', sdp: 'v=0 again' });

  link.sendControl(Uint8Array.of(1));
  link.sendControl(Uint8Array.of(2));
  let filled = false;
  for (let frame = 0; frame < FRAMES; frame++) {
    if (!link.isReady) {
      if (!filled) link.sendControl(Uint8Array.of(3));
      filled = true;
      await here.ready();
    }
    link.sendBulk(bulkFrame(frame));
  }
  await there.received(FRAMES);

  link.close();
  await there.closed();
  const readyAfterClose = link.isReady || there.link.isReady;
  let threwAfterClose = false;
  try {
    for (const closed of [link, there.link]) {
      closed.sendControl(Uint8Array.of(4));
      closed.sendBulk(bulkFrame(0));
      closed.signal({ type: 'answer', sdp: 'v=0' });
      closed.close();
    }
  } catch {
    threwAfterClose = true;
  }
  // A call after the close would come within a few turns.
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
  return {
    readyBeforeOpen,
    opened,
    control: there.control,
    longestMessage: there.longest,
    bulkIntact: there.intact,
    filled,
    toldReady: here.timesReady > 0,
    controlOvertookBulk: there.framesBeforeLastControl < FRAMES,
    closedHere: here.timesClosed,
    closedThere: there.timesClosed,
    readyAfterClose,
    threwAfterClose,
  };
}

/** The frame's number takes the place of the piece's. */
function bulkFrame(piece: number): Uint8Array<ArrayBuffer> {
  return encodeFrame({
    type: 'piece',
    segment: SEGMENT,
    piece,
    offset: 0,
    sentAt: 0,
    backlogMs: 0,
    payload: PAYLOAD,
  });
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
    frames: 0,
    framesBeforeLastControl: 0,
    timesReady: 0,
    timesClosed: 0,
    received: (frames: number) => until(() => self.frames >= frames),
    ready: () => until(() => self.link?.isReady === true),
    closed: () => until(() => self.timesClosed > 0),
    handlers: (other: { readonly link: PeerLink | undefined }): PeerLinkHandlers => ({
      onOpen,
      onSignal: (signal) => other.link?.signal(signal),
      onMessage: (bytes) => {
        self.longest = Math.max(self.longest, bytes.length);
        if (bytes.length === 1) {
          self.control.push(bytes[0] ?? 0);
          self.framesBeforeLastControl = self.frames;
        } else {
          const decoded = decodeFrame(bytes);
          self.intact &&=
            decoded.ok &&
            decoded.frame.type === 'piece' &&
            decoded.frame.piece === self.frames &&
            decoded.frame.payload.every((byte, i) => byte === PAYLOAD[i]);
          self.frames++;
        }
        happened();
      },
      onDrained: () => {
        self.timesReady++;
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
