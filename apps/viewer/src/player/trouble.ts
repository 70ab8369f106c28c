/** Why a stream does not play, in the viewer's words. A closed list. */
export interface Trouble {
  readonly kind:
    | 'unknown-stream'
    | 'not-ready'
    | 'denied'
    | 'busy'
    | 'unreachable'
    | 'unplayable'
    | 'unsupported'
    | 'misconfigured'
    | 'ended';
  readonly title: string;
  readonly text: string;
  /** Whether playback is retried automatically, for ever. Otherwise it ends until the viewer retries. */
  readonly retried: boolean;
}

/** The trouble for the HTTP status of the playlist; undefined or 0 means no response. */
export function troubleOfStatus(status: number | undefined, stream: string | undefined): Trouble {
  switch (status) {
    case 404:
    case 410:
      return {
        kind: 'unknown-stream',
        title: stream === undefined ? 'Stream not found' : `Stream “${stream}” not found`,
        text: 'The name may be wrong, or the stream is off air.',
        retried: true,
      };
    case 401:
    case 403:
      return { ...DENIED, retried: true };
    case 429:
      return {
        kind: 'busy',
        title: 'The server is busy',
        text: 'It has reached its viewer limit. We will keep trying.',
        retried: true,
      };
    case 502:
    case 503:
    case 504:
      return {
        kind: 'not-ready',
        title: 'The stream has not started yet',
        text: 'Waiting for the broadcaster. We will keep trying.',
        retried: true,
      };
    default:
      return {
        kind: 'unreachable',
        title: 'Cannot reach the server',
        text: 'It may be restarting, or your connection is down. We will keep trying.',
        retried: true,
      };
  }
}

export const UNPLAYABLE: Trouble = {
  kind: 'unplayable',
  title: 'Your browser cannot play this stream',
  text: 'This browser does not support its format, or the data is damaged.',
  retried: false,
};

export const UNSUPPORTED: Trouble = {
  kind: 'unsupported',
  title: 'This browser cannot play live streams',
  text: 'Use a current version of Chrome, Edge, Firefox or Safari.',
  retried: false,
};

/** The server refuses this viewer, and the page has no other token. */
export const DENIED: Trouble = {
  kind: 'denied',
  title: 'No access to this stream',
  text: 'Your access was not granted, or it has ended. Reload the page to sign in again.',
  retried: false,
};

export const ENDED: Trouble = {
  kind: 'ended',
  title: 'The broadcast has ended',
  text: 'Thank you for watching.',
  retried: false,
};

/** For the integrator: the attributes name no stream. */
export function misconfigured(sentence: string): Trouble {
  return {
    kind: 'misconfigured',
    title: 'This player is not set up correctly',
    text: sentence,
    retried: false,
  };
}

/** The fields of hls.js's error that identify the cause. */
export interface PlayerError {
  readonly type: string;
  readonly response?: { readonly code?: number | undefined } | undefined;
}

/** The trouble for a fatal error of hls.js. */
export function troubleOfError(error: PlayerError, stream: string | undefined): Trouble {
  return error.type === 'networkError' ? troubleOfStatus(error.response?.code, stream) : UNPLAYABLE;
}
