import type { Millis } from '@freshet/protocol';
import { Alarm, type Sleeper } from '../clock/alarm.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { BufferedAmount } from './buffered-amount.ts';
import type { Line } from './line.ts';
import { Burst, type Message, type Taker } from './message.ts';
import type { Transport } from './transport.ts';
import { Window } from './window.ts';

/** Both directions of the line of a viewer or the server. */
export interface Door {
  readonly up: Line;
  readonly down: Line;
}

/** The path between two doors, in one direction. */
export interface Route {
  readonly from: Door;
  readonly to: Door;
  /** One-way delay, without the queues of the lines. */
  readonly wayMs: Millis;
  /** The largest extra delay of a burst. No burst overtakes another. */
  readonly jitterMs: Millis;
  /** The share of packets lost. */
  readonly loss: number;
  /** Counts the bytes that pass a relay. */
  readonly relay?: { bytes: number } | undefined;
}

/**
 * A message of up to this size is one packet that the window need not count: it is acknowledged before anything waits
 * for it.
 */
const SMALL_BYTES = 400;
/** The longest burst on a slow line. */
const BURST_MS = 100;
/** A shorter wait for a line does not get an event of its own. */
const NEGLIGIBLE_MS = 1;
/** Packets that overtake a lost one before it counts as lost. */
const FAST_RETRANSMIT = 3;

/**
 * One direction of an ordered, reliable connection between two lines: packets in a congestion window, and losses that
 * appear as delay. Bytes sent together are one burst, and one event where it arrives. Acknowledgements are arithmetic,
 * and an event only where a sender waits for them. With bursts of one packet this is a packet simulator.
 */
export class Flow implements Taker, Sleeper {
  readonly window: Window;
  readonly #clock: VirtualClock;
  readonly #random: () => number;
  readonly #up: Line;
  readonly #down: Line;
  readonly #wayMs: Millis;
  readonly #jitterMs: Millis;
  readonly #loss: number;
  readonly #relay: { bytes: number } | undefined;
  readonly #transport: Transport;
  readonly #burstBytes: number;
  readonly #isFine: boolean;
  readonly #acks: Acknowledgements;
  /** Messages that are not completely sent, and messages that were sent and have not arrived. */
  readonly #waiting: Message[] = [];
  readonly #onWay: Message[] = [];
  readonly #incomplete: Burst[] = [];
  /** Bursts that arrived before one that was sent earlier. */
  #early: Set<number> | undefined;
  #nextBurst = 0;
  #expected = 0;
  #recoversUntil = -1;
  #isBlocked = false;
  /**
   * The time since which bytes wait for acknowledgements, and the time over which the last acknowledgements were
   * spread.
   */
  #blockedSince: Millis = 0;
  #spreadMs: Millis = 0;
  #lastArrival: Millis = 0;
  #alarm: Alarm | undefined;
  /** `unsentBytes` as the page sees it. */
  readonly buffered = new BufferedAmount();
  /** Bytes handed over and not yet put on the line. */
  unsentBytes = 0;
  isOpen = true;
  /** Called when nothing is left to send, after bytes had to wait for acknowledgements. */
  onEmpty: (() => void) | undefined;

  /** @param burstBytes the largest burst; at most a packet's payload: packet by packet */
  constructor(
    clock: VirtualClock,
    random: () => number,
    route: Route,
    transport: Transport,
    burstBytes: number,
  ) {
    const { payloadBytes } = transport;
    this.#clock = clock;
    this.#random = random;
    this.#up = route.from.up;
    this.#down = route.to.down;
    this.#wayMs = route.wayMs;
    this.#jitterMs = route.jitterMs;
    this.#loss = route.loss;
    this.#relay = route.relay;
    this.#transport = transport;
    this.#isFine = burstBytes <= payloadBytes;
    const most = Math.min(burstBytes, this.#up.bytesPerMs * BURST_MS);
    this.#burstBytes = Math.max(1, Math.floor(most / payloadBytes)) * payloadBytes;
    this.window = new Window(transport);
    this.#acks = new Acknowledgements(route, transport, this.#isFine);
  }

  /** @param since the time at which the first byte reached the line; the rest followed evenly until now. */
  send(message: Message, since: Millis = this.#clock.now): void {
    if (!this.isOpen) return;
    if (message.bytes <= SMALL_BYTES && this.unsentBytes === 0 && this.window.room > 0) {
      this.#sendSmall(message);
      return;
    }
    this.#hold(message);
    this.flush(since);
  }

  /** Queues a message for the next `flush`. Packet by packet, every message starts a burst of its own. */
  queue(message: Message): void {
    if (!this.isOpen) return;
    this.#hold(message);
    if (this.#isFine) this.flush();
  }

  flush(since: Millis = this.#clock.now): void {
    if (!this.isOpen) return;
    this.#settle();
    this.#pump(since);
  }

  close(): void {
    this.isOpen = false;
    this.#alarm = undefined;
    this.#waiting.length = this.#onWay.length = this.#incomplete.length = 0;
    this.unsentBytes = 0;
  }

  /**
   * A burst occupies the receiver's line from its arrival. Otherwise a slow sender's burst would delay all bursts that
   * arrive before it.
   */
  burstArrived(burst: Burst): void {
    if (!this.isOpen) return;
    if (burst.isThrough) {
      this.#take(burst, burst.coming, false);
      return;
    }
    const wire = this.#wire(burst, burst.coming);
    const since = burst.arrivesAt - wire / this.#up.bytesPerMs;
    burst.waitMs += this.#down.backlogMs(since);
    const lost = this.#down.put(wire, burst.coming, since, burst.arrivesAt);
    if (lost > 0) {
      burst.missing += lost;
      burst.coming -= lost;
      this.#miss(burst);
      if (burst.coming === 0) return;
    }
    burst.isThrough = true;
    const { freeAt } = this.#down;
    if (freeAt - this.#clock.now > NEGLIGIBLE_MS) this.#clock.enter(burst, freeAt);
    else this.#take(burst, burst.coming, false);
  }

  smallArrived(message: Message): void {
    if (!this.isOpen) return;
    const { now } = this.#clock;
    if (!message.isThrough) {
      if (!this.#down.putOne(message.bytes + this.#transport.overheadBytes, now)) {
        this.#missSmall(message);
        return;
      }
      const { freeAt } = this.#down;
      if (freeAt - now > NEGLIGIBLE_MS) {
        message.isThrough = true;
        this.#clock.enter(message, freeAt);
        return;
      }
    }
    if (this.#incomplete.length === 0) this.#acks.oweSmall(now);
    else {
      this.#acks.owe(this.#burstOf(message), 1, false, true, now);
      this.#listen();
    }
    this.#complete(message.endsIn);
  }

  /** Sends the message as a packet of its own, which neither waits nor counts. */
  #sendSmall(message: Message): void {
    const wire = message.bytes + this.#transport.overheadBytes;
    message.unsent = 0;
    message.endsIn = this.#nextBurst++;
    message.left?.(message.bytes);
    this.#onWay.push(message);
    const hasRoom = this.#up.putOne(wire, this.#clock.now);
    if (this.#relay !== undefined) this.#relay.bytes += wire;
    if (!hasRoom || (this.#loss > 0 && this.#random() < this.#loss)) {
      this.#missSmall(message);
      return;
    }
    message.taker = this;
    this.#clock.enter(message, this.#arrival());
  }

  #missSmall(message: Message): void {
    const burst = this.#burstOf(message);
    burst.missing = 1;
    this.#miss(burst);
  }

  #burstOf({ endsIn, bytes }: Message): Burst {
    return new Burst(this, endsIn, bytes, 1, this.#clock.now);
  }

  #hold(message: Message): void {
    this.#waiting.push(message);
    this.unsentBytes += message.bytes;
    this.buffered.added(message.bytes, this.#clock.now);
  }

  #pump(since: Millis): void {
    const { payloadBytes, burstPackets } = this.#transport;
    let packetsLeft = this.#isFine ? burstPackets : Number.POSITIVE_INFINITY;
    while (this.unsentBytes > 0 && packetsLeft > 0) {
      const most = Math.min(this.#burstBytes, packetsLeft * payloadBytes, this.window.room);
      // No packet is cut to fit the rest of the window.
      const bytes =
        this.unsentBytes <= most ? this.unsentBytes : Math.floor(most / payloadBytes) * payloadBytes;
      if (bytes === 0) break;
      if (bytes > SMALL_BYTES) packetsLeft -= Math.ceil(bytes / payloadBytes);
      this.#emit(bytes, since);
    }
    const wasBlocked = this.#isBlocked;
    this.#isBlocked = this.unsentBytes > 0;
    if (this.#isBlocked) this.#blockedSince = this.#clock.now;
    else this.buffered.emptied(this.#clock.now);
    this.#listen();
    if (wasBlocked && !this.#isBlocked) this.onEmpty?.();
  }

  #emit(bytes: number, since: Millis): void {
    const { now } = this.#clock;
    const number = this.#nextBurst++;
    const burst = new Burst(this, number, bytes, Math.ceil(bytes / this.#transport.payloadBytes), now);
    if (bytes > SMALL_BYTES) this.window.sent(bytes, now);
    burst.waitMs = this.#up.backlogMs(since);
    burst.missing = this.#put(burst, burst.packets, since);
    burst.coming = burst.packets - burst.missing;
    if (burst.missing > 0) this.#miss(burst);
    if (burst.coming > 0) this.#travel(burst);
    burst.spreadMs = Math.max(now - since, this.#passMs(burst) * (1 - 1 / burst.packets));
    const leadMs = Math.max(0, this.#up.backlogMs(now) - burst.waitMs);
    for (let left = bytes; left > 0;) {
      const message = this.#waiting[0];
      if (message === undefined) throw new Error(`${left} bytes of no message`);
      const part = Math.min(left, message.unsent);
      left -= part;
      message.unsent -= part;
      message.leadMs = Math.max(message.leadMs, leadMs);
      message.left?.(part);
      if (message.unsent > 0) break;
      message.endsIn = number;
      this.#waiting.shift();
      this.#onWay.push(message);
    }
    this.unsentBytes -= bytes;
  }

  /**
   * The event of a burst is at the time at which it has passed an idle line, so that an idle line needs only this
   * event.
   */
  #travel(burst: Burst): void {
    burst.arrivesAt = this.#arrival();
    const wire = this.#wire(burst, burst.coming);
    const longerMs = wire / this.#down.bytesPerMs - wire / this.#up.bytesPerMs;
    this.#clock.enter(burst, burst.arrivesAt + Math.max(0, longerMs));
  }

  #arrival(): Millis {
    const jitterMs = this.#jitterMs > 0 ? this.#random() * this.#jitterMs : 0;
    return (this.#lastArrival = Math.max(this.#lastArrival, this.#up.freeAt + this.#wayMs + jitterMs));
  }

  /** @returns the number of packets that are lost before the receiver's line. */
  #put(burst: Burst, packets: number, since: Millis): number {
    const wire = this.#wire(burst, packets);
    const lost = this.#up.put(wire, packets, since, this.#clock.now);
    if (this.#relay !== undefined) this.#relay.bytes += wire;
    if (lost > 0 || this.#loss === 0) return lost;
    return this.#random() < 1 - (1 - this.#loss) ** packets ? 1 : 0;
  }

  #wire(burst: Burst, packets: number): number {
    return burst.bytesOf(packets) + packets * this.#transport.overheadBytes;
  }

  /** The time that the slower of the two lines takes for the whole burst. */
  #passMs(burst: Burst): Millis {
    return this.#wire(burst, burst.packets) / Math.min(this.#up.bytesPerMs, this.#down.bytesPerMs);
  }

  #take(burst: Burst, packets: number, isAgain: boolean): void {
    const isUrgent = this.#incomplete.length > 0;
    if (burst.bytes > SMALL_BYTES || isUrgent) {
      this.#acks.owe(burst, packets, isAgain, isUrgent, this.#clock.now);
      this.#listen();
    } else this.#acks.oweSmall(this.#clock.now);
    if (isAgain) burst.missing -= packets;
    if (burst.missing > 0) return;
    if (isUrgent) {
      const at = this.#incomplete.indexOf(burst);
      if (at >= 0) this.#incomplete.splice(at, 1);
    }
    this.#complete(burst.number);
  }

  /** A burst has arrived completely. So have the messages that end in it, unless something before it is missing. */
  #complete(number: number): void {
    if (number !== this.#expected) {
      (this.#early ??= new Set()).add(number);
      return;
    }
    do this.#expected++;
    while (this.#early?.delete(this.#expected));
    let message = this.#onWay[0];
    while (message !== undefined && message.endsIn < this.#expected) {
      this.#onWay.shift();
      message.arrived(this.#clock.now);
      message = this.#onWay[0];
    }
  }

  #settle(): void {
    const { now } = this.#clock;
    for (let ack = this.#acks.take(now); ack !== undefined; ack = this.#acks.take(now)) {
      const { burst, packets, isAgain } = ack;
      this.#spreadMs = burst.spreadMs;
      if (burst.bytes > SMALL_BYTES) {
        const grows = burst.number > this.#recoversUntil;
        this.window.acknowledged(burst.bytesOf(packets), ack.acks, grows, burst.waitMs);
        if (!isAgain) this.window.measured(ack.at - burst.sentAt);
      }
      for (const lost of this.#incomplete) {
        if (lost.number > burst.number || lost.resends > 0) continue;
        // On average, half of its own packets came behind the lost one.
        lost.overtaken += lost === burst ? packets / 2 : packets;
      }
    }
    for (const lost of this.#incomplete)
      if (lost.overtaken >= FAST_RETRANSMIT && lost.resends === 0) this.#recover(lost);
  }

  #recover(burst: Burst): void {
    if (burst.number > this.#recoversUntil) {
      this.window.shrink();
      this.#recoversUntil = this.#nextBurst - 1;
    }
    this.#resend(burst);
  }

  #resend(burst: Burst): void {
    burst.resends++;
    const packets = burst.missing - this.#put(burst, burst.missing, this.#clock.now);
    if (packets < burst.missing) this.#miss(burst);
    if (packets === 0) return;
    this.#clock.at(this.#arrival(), () => {
      if (!this.isOpen) return;
      const lost = this.#down.put(this.#wire(burst, packets), packets, this.#clock.now);
      if (lost > 0) this.#miss(burst);
      if (lost < packets) this.#take(burst, packets - lost, true);
    });
  }

  /** A loss that later packets do not reveal is detected by a timeout. */
  #miss(burst: Burst): void {
    if (!this.#incomplete.includes(burst)) this.#incomplete.push(burst);
    const { resends } = burst;
    this.#clock.after(this.window.timeoutMs * 2 ** resends, () => {
      if (!this.isOpen || burst.missing === 0 || burst.resends !== resends) return;
      this.#recoversUntil = this.#nextBurst - 1;
      this.window.collapse();
      this.#resend(burst);
    });
  }

  /** Sets an alarm for the next acknowledgement, if the sender waits for one. */
  #listen(): void {
    if (this.unsentBytes === 0 && this.#incomplete.length === 0) return;
    const at = this.#acks.nextAt;
    if (at === undefined || (this.#alarm !== undefined && this.#alarm.at <= at)) return;
    this.#alarm = new Alarm(this, at);
    this.#clock.enter(this.#alarm, at);
  }

  rang(alarm: Alarm): void {
    if (alarm !== this.#alarm) return;
    this.#alarm = undefined;
    this.#settle();
    // The acknowledgements of a burst arrive one after another, and each releases packets.
    this.#pump(Math.max(this.#blockedSince, this.#clock.now - this.#spreadMs));
  }
}
