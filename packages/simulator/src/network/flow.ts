import type { Millis } from '@freshet/protocol';
import { Alarm, type Sleeper } from '../clock/alarm.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { BufferedAmount } from './buffered-amount.ts';
import type { Line } from './line.ts';
import { Burst, type Message, type Taker } from './message.ts';
import type { Transport } from './transport.ts';
import { Window } from './window.ts';

/** Both directions of the line that something is connected by. */
export interface Door {
  readonly up: Line;
  readonly down: Line;
}

/** What lies between two doors, in one direction. */
export interface Route {
  readonly from: Door;
  readonly to: Door;
  /** One way, apart from what packets wait for the lines. */
  readonly wayMs: Millis;
  /** A burst takes up to so much longer; none overtakes another. */
  readonly jitterMs: Millis;
  /** Of the packets. */
  readonly loss: number;
  /** Counts what goes through a relay. */
  readonly relay?: { bytes: number } | undefined;
}

/** Up to this size a message is a packet that the window need not count: it is answered before anything waits for it. */
const SMALL_BYTES = 400;
/** On a thin line a burst is no longer than this. */
const BURST_MS = 100;
/** A fast line is not waited for with an event of its own. */
const NEGLIGIBLE_MS = 1;
/** Packets that overtake a lost one before it counts as lost. */
const FAST_RETRANSMIT = 3;

/**
 * One direction of an ordered, reliable connection between two lines: packets in a congestion window, losses that show
 * as delay. What is sent at once is one burst, and an event where it arrives; acknowledgements are arithmetic, and an
 * event only where somebody waits for them. With bursts of one packet it is a packet simulator.
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
  /** Not wholly sent, and sent but not there. */
  readonly #waiting: Message[] = [];
  readonly #onWay: Message[] = [];
  readonly #incomplete: Burst[] = [];
  /** Bursts that are there before one that was sent earlier. */
  #early: Set<number> | undefined;
  #nextBurst = 0;
  #expected = 0;
  #recoversUntil = -1;
  #isBlocked = false;
  /** When something began to wait for acknowledgements, and over how long those that came last were spread. */
  #blockedSince: Millis = 0;
  #spreadMs: Millis = 0;
  #lastArrival: Millis = 0;
  #alarm: Alarm | undefined;
  /** What a page sees of `unsentBytes`. */
  readonly buffered = new BufferedAmount();
  /** Handed over and not yet put on the line. */
  unsentBytes = 0;
  isOpen = true;
  /** Called when nothing is left to send, after something had to wait for acknowledgements. */
  onEmpty: (() => void) | undefined;

  /** @param burstBytes sent as one burst at most; no more than a packet's payload: packet by packet */
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

  /** @param since when the first of it came to the line; the rest followed evenly until now. */
  send(message: Message, since: Millis = this.#clock.now): void {
    if (!this.isOpen) return;
    if (message.bytes <= SMALL_BYTES && this.unsentBytes === 0 && this.window.room > 0) {
      this.#sendSmall(message);
      return;
    }
    this.#hold(message);
    this.flush(since);
  }

  /** Hands a message over that goes with the next `flush`; packet by packet, every message starts a burst of its own. */
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

  /** The receiver's line is taken on arrival: taken earlier, a slow sender's burst would hold up all that come before it. */
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

  /** A packet of its own, which neither waits nor counts. */
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
      // No packet is cut for what is left of the window.
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

  /** It is looked at when it would be through an idle line, so that it is one event where that is idle. */
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

  /** @returns how many of the packets are lost before the receiver's line. */
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

  /** What the slower of the two lines takes for all of it. */
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

  /** All of a burst is there: so are the messages that end in it, unless something before it is missing. */
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
        // Of its own packets half came behind the lost one, in the mean.
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

  /** Whatever is not noticed by what comes behind it is by the time that it takes. */
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

  /** Sets an alarm for the next acknowledgement, if anything waits for one. */
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
    // Of a burst the acknowledgements come one after the other, and let one packet after the other go.
    this.#pump(Math.max(this.#blockedSince, this.#clock.now - this.#spreadMs));
  }
}
