import { Difference, Join, Pollution, type Refusal, Report, SignalTo, Token } from '@freshet/protocol';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import * as v from 'valibot';
import type { ViewerSocket } from './viewer-socket.ts';

/** Messages allowed from one viewer in ten seconds. Twenty links at once with trickled candidates stay under 300. */
const MESSAGES = 400;
const WINDOW_S = 10;
/** Malformed messages before the connection is closed: a bug sends one kind for ever, an attacker tries many. */
const MAX_MALFORMED = 20;

const SCHEMAS = {
  join: Join,
  report: Report,
  signal: SignalTo,
  pollution: Pollution,
  difference: Difference,
  token: Token,
  leave: v.unknown(),
} as const;
type Event = keyof typeof SCHEMAS;
type Message<E extends Event> = v.InferOutput<(typeof SCHEMAS)[E]>;

/** Why the gate rejected a message. The list is closed, so that a reason can be a metric's label. */
export type Rejection = 'malformed' | 'unknown-event' | 'flood' | 'invalid-signal';

/** Limits the rate of a viewer's messages, validates each, and answers malformed ones with the error. */
export class MessageGate {
  readonly #socket: ViewerSocket;
  readonly #onRejected: (reason: Rejection) => void;
  readonly #onFault: (error: unknown) => void;
  readonly #limiter = new RateLimiterMemory({ points: MESSAGES, duration: WINDOW_S });
  #malformed = 0;
  #closed = false;

  /** @param onFault called with what a handler threw. It should end this connection: nothing else catches it */
  constructor(
    socket: ViewerSocket,
    onRejected: (reason: Rejection) => void,
    onFault: (error: unknown) => void,
  ) {
    this.#socket = socket;
    this.#onRejected = onRejected;
    this.#onFault = onFault;
    socket.use(([event], next) => {
      if (this.#closed) return;
      this.#limiter
        .consume('viewer')
        .then(
          () => {
            if (Object.hasOwn(SCHEMAS, event)) next();
            else this.#reject('unknown-event', { code: 'malformed', message: 'Unknown event.' });
          },
          () => {
            this.#cutOff('flood', `More than ${MESSAGES} messages in ${WINDOW_S} s.`);
          },
        )
        .catch(onFault);
    });
  }

  /** Calls `handler` with each valid message of this kind. `reply` is defined only if the viewer asked for one. */
  on<E extends Event>(
    event: E,
    handler: (message: Message<E>, reply: ((answer: unknown) => void) | undefined) => void,
  ): void {
    const take = (args: readonly unknown[]) => {
      const last = args.at(-1);
      const reply = typeof last === 'function' ? (last as (answer: unknown) => void) : undefined;
      const parsed = v.safeParse(SCHEMAS[event], args[0]);
      if (parsed.success) {
        handler(parsed.output, reply);
        return;
      }
      const [issue] = parsed.issues;
      const where = v.getDotPath(issue) ?? event;
      const refusal: Refusal = {
        code: 'malformed',
        message: `${event}: ${where}: ${issue.message}`.slice(0, 500),
      };
      this.#reject('malformed', refusal);
      reply?.({ refusal });
    };
    const listener = (...args: unknown[]) => {
      try {
        take(args);
      } catch (error) {
        this.#onFault(error);
      }
    };
    // socket.io types its listeners by event name; here the name is a parameter and the schema does the typing.
    const emitter: NodeJS.EventEmitter = this.#socket;
    emitter.on(event, listener);
  }

  /** A message of the right form whose content no honest viewer sends counts as malformed. */
  refuse(reason: Rejection, message: string): void {
    this.#reject(reason, { code: 'malformed', message });
  }

  #reject(reason: Rejection, refusal: Refusal): void {
    this.#onRejected(reason);
    this.#socket.emit('refused', refusal);
    if (++this.#malformed >= MAX_MALFORMED) this.#cutOff('flood', 'Too many malformed messages.');
  }

  #cutOff(reason: Rejection, message: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onRejected(reason);
    this.#socket.emit('refused', { code: 'flood', message });
    this.#socket.disconnect(true);
  }
}
