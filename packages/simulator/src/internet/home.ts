import type { Millis } from '@freshet/protocol';
import type { Door } from '../network/flow.ts';
import { Line } from '../network/line.ts';
import { QueueMeter } from '../network/queue-meter.ts';
import type { Access } from './access.ts';
import type { Nat } from './nat.ts';
import type { Region } from './regions.ts';

/** A viewer's line and location. */
export interface HomeTraits extends Access {
  readonly region: Region;
  /** The number of its provider in the region. */
  readonly provider: number;
  /** One-way delay from its modem to the middle of the network. The delay between regions is added. */
  readonly wayMs: Millis;
  /** The largest extra delay of packets on its line. */
  readonly jitterMs: Millis;
  /** The share of packets lost in each direction. */
  readonly loss: number;
  readonly nat: Nat;
}

/** A viewer's line. All its traffic passes through it. */
export class Home implements Door {
  readonly traits: HomeTraits;
  readonly up: Line;
  readonly down: Line;
  readonly upQueue: QueueMeter | undefined;

  /** @param isWatched whether to record how long packets wait on the uplink: one histogram for each home */
  constructor(traits: HomeTraits, isWatched: boolean) {
    const { upKbps, downKbps, queueMs } = traits;
    this.traits = traits;
    this.upQueue = isWatched ? new QueueMeter() : undefined;
    this.up = new Line(upKbps, queueMs, this.upQueue);
    this.down = new Line(downKbps, queueMs);
  }

  /**
   * The time at which a packet that is sent now has left the line. A packet that finds no room is sent again after a
   * timeout.
   */
  leaves(bytes: number, now: Millis): Millis {
    const lost = this.up.put(bytes, 1, now);
    return now + this.up.backlogMs(now) + (lost > 0 ? LOST_MS : 0);
  }
}

/** The least time after which TCP sends a packet again. */
const LOST_MS = 200;
