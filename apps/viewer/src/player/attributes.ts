/** The attributes of `<freshet-player>`, for the types of React and Vue. What each does: apps/viewer/npm/README.md. */
export interface FreshetPlayerAttributes {
  /** URL of the stream's playlist on a Freshet server; instead of `server` and `stream`. */
  readonly src?: string | undefined;
  /** Base URL of the Freshet server. Default: where the page comes from. */
  readonly server?: string | undefined;
  /** Name of the stream there. */
  readonly stream?: string | undefined;
  readonly autoplay?: boolean | undefined;
  readonly muted?: boolean | undefined;
  /** The panel that tells the viewer about sharing. Default `closed`. */
  readonly panel?: 'closed' | 'open' | 'none' | undefined;
  /** Address of a picture that is shown until the stream plays. */
  readonly poster?: string | undefined;
  /** Access token of a private stream. */
  readonly token?: string | undefined;
  /** Client logs on the console. */
  readonly debug?: boolean | undefined;
}
