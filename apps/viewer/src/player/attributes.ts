import type { TokenSource } from './token.ts';

/** The attributes of `<freshet-player>`, for the types of React and Vue. apps/viewer/npm/README.md explains each. */
export interface FreshetPlayerAttributes {
  /** URL of the stream's playlist on a Freshet server; instead of `server` and `stream`. */
  readonly src?: string | undefined;
  /** Base URL of the Freshet server. Default: the page's own folder. */
  readonly server?: string | undefined;
  /** Name of the stream on that server. */
  readonly stream?: string | undefined;
  readonly autoplay?: boolean | undefined;
  readonly muted?: boolean | undefined;
  /** The panel that tells the viewer about sharing. Default `closed`. */
  readonly panel?: 'closed' | 'open' | 'none' | undefined;
  /** URL of a picture that is shown until the stream plays. */
  readonly poster?: string | undefined;
  /** Access token of a private stream. As a property also a function that makes one. */
  readonly token?: TokenSource | undefined;
  /** Logs the client's messages to the console. */
  readonly debug?: boolean | undefined;
}
