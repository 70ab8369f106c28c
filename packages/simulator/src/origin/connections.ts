import type { Millis } from '@freshet/protocol';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Home } from '../internet/home.ts';
import { type Door, Flow, type Route } from '../network/flow.ts';
import { TCP } from '../network/transport.ts';

/** Bytes of a browser's request, including headers. */
const REQUEST_BYTES = 600;
/** The connections that a browser keeps to one host. */
const MAX_IDLE = 6;

/** A viewer's connections to the server, each with the congestion window after its last response. */
export class Connections {
  readonly #clock: VirtualClock;
  readonly #random: () => number;
  readonly #home: Home;
  readonly #route: Route;
  readonly #burstBytes: number;
  readonly #idle: Flow[] = [];

  /** @param middleMs one-way delay from the end of the home's own line to the server */
  constructor(
    clock: VirtualClock,
    random: () => number,
    {
      home,
      server,
      middleMs,
      burstBytes,
    }: { home: Home; server: Door; middleMs: Millis; burstBytes: number },
  ) {
    const { wayMs, jitterMs, loss } = home.traits;
    this.#clock = clock;
    this.#random = random;
    this.#home = home;
    this.#route = { from: server, to: home, wayMs: wayMs + middleMs, jitterMs, loss };
    this.#burstBytes = burstBytes;
  }

  /** The round trip on idle lines. */
  get roundTripMs(): Millis {
    return 2 * this.#route.wayMs;
  }

  /**
   * Requests a response of one packet.
   * @returns the time at which the response arrives.
   */
  ask(): Millis {
    return this.#send() + this.#route.wayMs + this.#home.down.backlogMs(this.#clock.now);
  }

  /**
   * Sends a request.
   * @returns the time at which it reaches the server, and the connection of its response.
   */
  request(): { readonly at: Millis; readonly flow: Flow } {
    const flow = this.#idle.pop();
    if (flow !== undefined) return { at: this.#send(), flow };
    // A new connection takes a round trip first.
    const connectedMs = this.roundTripMs + this.#home.up.backlogMs(this.#clock.now);
    const made = new Flow(this.#clock, this.#random, this.#route, TCP, this.#burstBytes);
    return { at: this.#send() + connectedMs, flow: made };
  }

  /** Called when the whole response has arrived. */
  done(flow: Flow): void {
    if (flow.isOpen && this.#idle.length < MAX_IDLE) this.#idle.push(flow);
    else flow.close();
  }

  /**
   * Sends a message of one packet to the server.
   * @returns the time at which it arrives.
   */
  send(bytes: number): Millis {
    return this.#home.leaves(bytes, this.#clock.now) + this.#route.wayMs;
  }

  #send(): Millis {
    return this.send(REQUEST_BYTES);
  }
}
