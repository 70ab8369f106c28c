import { createHash, createHmac } from 'node:crypto';
import type { IceServer, Millis, PeerId } from '@freshet/protocol';

export interface TurnOptions {
  /** The secret that this server and the TURN server share. */
  readonly secret: string;
  /** How long the credentials are valid. A relay that was allocated with them lives on. */
  readonly ttlMs: Millis;
  /** Milliseconds since 1970. */
  readonly wallClock: () => Millis;
}

/**
 * Credentials of one viewer for a limited time, as coturn checks them with `use-auth-secret`
 * (draft-uberti-behave-turn-rest-00).
 */
export class TurnCredentials {
  readonly #options: TurnOptions;

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  /** Viewers get new ones this often: at half time, so that none dials with expired ones. */
  get renewMs(): Millis {
    return this.#options.ttlMs / 2;
  }

  /** Adds credentials to the TURN servers that have none of their own. */
  serversFor(peer: PeerId, servers: readonly IceServer[]): IceServer[] {
    const { secret, ttlMs, wallClock } = this.#options;
    // The TURN server logs the name, and may limit the relays of one.
    const viewer = createHash('sha256').update(peer).digest('hex').slice(0, 16);
    const username = `${Math.ceil((wallClock() + ttlMs) / 1000)}:${viewer}`;
    const credential = createHmac('sha1', secret).update(username).digest('base64');
    return servers.map((server) =>
      server.urls.startsWith('turn') && server.username === undefined
        ? { ...server, username, credential }
        : server,
    );
  }
}
