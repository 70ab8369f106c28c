import type { Millis } from '@freshet/protocol';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Home } from '../internet/home.ts';
import { type Door, Flow, type Route } from '../network/flow.ts';
import { TCP } from '../network/transport.ts';

/** A request as a browser makes it, headers and all. */
const REQUEST_BYTES = 600;
/** A browser keeps so many connections to one host. */
const MAX_IDLE = 6;

/** A viewer's connections to the server, each with the window that its last answer left it. */
export class Connections {
  readonly #clock: VirtualClock;
  readonly #random: () => number;
  readonly #home: Home;
  readonly #route: Route;
  readonly #burstBytes: number;
  readonly #idle: Flow[] = [];

  /** @param middleMs one way from where the home's own way ends to the server */
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

  /** There and back on idle lines. */
  get roundTripMs(): Millis {
    return 2 * this.#route.wayMs;
  }

  /** Asks for something small, of one packet: @returns when the answer is here. */
  ask(): Millis {
    return this.#send() + this.#route.wayMs + this.#home.down.backlogMs(this.#clock.now);
  }

  /** Sends a request. @returns when it is at the server, and the connection that its answer comes on. */
  request(): { readonly at: Millis; readonly flow: Flow } {
    const flow = this.#idle.pop();
    if (flow !== undefined) return { at: this.#send(), flow };
    // A new connection: its own packets go there and back first.
    const connectedMs = this.roundTripMs + this.#home.up.backlogMs(this.#clock.now);
    const made = new Flow(this.#clock, this.#random, this.#route, TCP, this.#burstBytes);
    return { at: this.#send() + connectedMs, flow: made };
  }

  /** The whole answer has come. */
  done(flow: Flow): void {
    if (flow.isOpen && this.#idle.length < MAX_IDLE) this.#idle.push(flow);
    else flow.close();
  }

  /** A message of one packet to the server. @returns when it is there. */
  send(bytes: number): Millis {
    return this.#home.leaves(bytes, this.#clock.now) + this.#route.wayMs;
  }

  #send(): Millis {
    return this.send(REQUEST_BYTES);
  }
}
