import type { Join, JoinReply, Refusal } from '@freshet/protocol';
import { type Denial, isDenial } from '../access/denial.ts';
import type { JoiningViewer, Membership } from '../access/memberships.ts';
import type { ViewerSocket } from './viewer-socket.ts';

/** Whether a viewer may join a private stream; undefined: the stream is public. */
export type OpenMembership = (viewer: JoiningViewer) => undefined | Promise<Denial | Membership>;
type Reply = ((answer: unknown) => void) | undefined;

/** One connection's right to join. The join of a public stream is passed on at once. */
export class JoinAccess {
  readonly #open: OpenMembership | undefined;
  readonly #socket: ViewerSocket;
  readonly #address: string;
  readonly #onEnd: () => void;
  readonly #onFault: (error: unknown) => void;
  #membership: Membership | undefined;
  /** Only the answer to the last join counts. */
  #joins = 0;

  /**
   * @param onFault called with what a handler threw
   * @param onEnd called before the viewer is refused and disconnected, when its token has expired or was revoked
   */
  constructor(
    open: OpenMembership | undefined,
    socket: ViewerSocket,
    address: string,
    onFault: (error: unknown) => void,
    onEnd: () => void,
  ) {
    this.#open = open;
    this.#socket = socket;
    this.#address = address;
    this.#onFault = onFault;
    this.#onEnd = onEnd;
  }

  /** Calls `enter` if the viewer may join, and answers with a refusal otherwise. */
  ask(join: Join, reply: Reply, enter: (join: Join, reply: Reply) => void): void {
    const access = this.#open?.({
      ...{ stream: join.stream, token: join.token, address: this.#address },
      site: this.#socket.handshake.headers.origin,
      onExpiring: () => this.#socket.emit('renew'),
      onEnd: (message) => {
        try {
          this.#onEnd();
        } catch (error) {
          this.#onFault(error);
        }
        this.#socket.emit('refused', { code: 'denied', message });
        this.#socket.disconnect(true);
      },
    });
    if (access === undefined) {
      enter(join, reply);
      return;
    }
    const turn = ++this.#joins;
    const take = (answer: Denial | Membership) => {
      const isStale = turn !== this.#joins || !this.#socket.connected;
      if (isDenial(answer)) {
        if (!isStale) this.#deny(answer, reply);
      } else if (isStale) answer.close();
      else {
        enter(join, reply);
        this.#membership = answer;
      }
    };
    access.then(take).catch(this.#onFault);
  }

  renew(token: string): void {
    this.#membership?.renew(token);
  }

  /** The viewer has left, or joins anew. */
  close(): void {
    this.#joins++;
    this.#membership?.close();
    this.#membership = undefined;
  }

  /** A connection without a right to anything is not kept. */
  #deny({ status, text }: Denial, reply: Reply): void {
    // After `full`, a viewer tries again by itself.
    const code: Refusal['code'] = status === 503 ? 'full' : 'denied';
    reply?.({ refusal: { code, message: text } } satisfies JoinReply);
    this.#socket.disconnect(true);
  }
}
