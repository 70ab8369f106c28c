import type { Millis } from '@freshet/protocol';
import type { Door } from '../network/flow.ts';
import { Line } from '../network/line.ts';
import { QueueMeter } from '../network/queue-meter.ts';
import type { Access } from './access.ts';
import type { Nat } from './nat.ts';
import type { Region } from './regions.ts';

/** What connects a viewer, and where it is. */
export interface HomeTraits extends Access {
  readonly region: Region;
  /** Of its region's providers. */
  readonly provider: number;
  /** From its modem to the middle of the network, one way; what lies between regions comes on top. */
  readonly wayMs: Millis;
  /** Packets take up to so much longer on its line. */
  readonly jitterMs: Millis;
  /** Of the packets, in each direction. */
  readonly loss: number;
  readonly nat: Nat;
}

/** A viewer's line. All that it sends and receives goes through it. */
export class Home implements Door {
  readonly traits: HomeTraits;
  readonly up: Line;
  readonly down: Line;
  readonly upQueue: QueueMeter | undefined;

  /** @param isWatched whether it is kept how long packets wait on the way up: a histogram a home */
  constructor(traits: HomeTraits, isWatched: boolean) {
    const { upKbps, downKbps, queueMs } = traits;
    this.traits = traits;
    this.upQueue = isWatched ? new QueueMeter() : undefined;
    this.up = new Line(upKbps, queueMs, this.upQueue);
    this.down = new Line(downKbps, queueMs);
  }

  /** When a packet that is sent now has left the line. One that finds no room is sent again after a timeout. */
  leaves(bytes: number, now: Millis): Millis {
    const lost = this.up.put(bytes, 1, now);
    return now + this.up.backlogMs(now) + (lost > 0 ? LOST_MS : 0);
  }
}

/** What TCP waits for at the least before it sends a packet again. */
const LOST_MS = 200;
