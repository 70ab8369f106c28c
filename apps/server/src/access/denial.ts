/** Why a request or a join is not allowed, as an HTTP status with a sentence for a person. */
export interface Denial {
  /** 401: no token. 403: a token that does not permit this. 503: nobody can say at present. */
  readonly status: 401 | 403 | 503;
  readonly text: string;
}

/** For metrics. */
export function reasonOf({ status }: Denial): 'no-token' | 'bad-token' | 'auth-service' {
  return status === 401 ? 'no-token' : status === 403 ? 'bad-token' : 'auth-service';
}

export function isDenial(answer: object): answer is Denial {
  return 'status' in answer && 'text' in answer;
}

export const NO_TOKEN: Denial = { status: 401, text: 'This stream is private: a token is required.' };
export const BAD_TICKET = forbidden(
  'The ticket in this address is not valid or has expired. Reload the playlist.',
);
export const OTHER_SITE = forbidden('Pages of this site may not play the streams of this server.');
export const NOT_PERMITTED = forbidden('The access service does not permit this.');
export const REVOKED = forbidden('Access to this stream was revoked.');
export const EXPIRED = forbidden('The token has expired.');
export const AWAY: Denial = {
  status: 503,
  text: 'The access service does not respond, so that no new viewers can be admitted. Try again shortly.',
};

export function forbidden(text: string): Denial {
  return { status: 403, text };
}
