import type { Millis } from '@freshet/protocol';
import type { AuthAnswer, AuthQuestion, AuthService } from './auth-service.ts';
import { credentials } from './credentials.ts';
import { AWAY, type Denial, NO_TOKEN, NOT_PERMITTED } from './denial.ts';
import type { JoiningViewer, Membership } from './memberships.ts';

/** A member of the swarm is asked about again this often. */
const ASK_AGAIN_MS: Millis = 10_000;
/** Longer queries are cut: the service decides by the credentials. */
const MAX_QUERY_CHARACTERS = 4096;
/** Parameters of the player, which change from request to request and say nothing about the viewer. */
const OF_THE_PLAYER = /^(?:_HLS_\w+|CMCD|epoch|ticket)$/;

/** What a request for a playlist says about its viewer. */
export function readQuestion(request: {
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
}): Omit<AuthQuestion, 'path' | 'ip'> {
  const own = new URLSearchParams([...request.query].filter(([name]) => !OF_THE_PLAYER.test(name)));
  const { user, password, token } = credentials(request.authorization);
  return {
    user: user ?? own.get('user') ?? '',
    password: password ?? own.get('pass') ?? '',
    token: token ?? own.get('token') ?? '',
    ...{ action: 'read', protocol: 'hls', id: '' },
    query: own.toString().slice(0, MAX_QUERY_CHARACTERS),
  };
}

/** @returns undefined for yes */
export function denialOf(
  answer: AuthAnswer,
  { user, password, token, query }: Pick<AuthQuestion, 'user' | 'password' | 'token' | 'query'>,
): Denial | undefined {
  if (answer === 'yes') return undefined;
  if (answer === 'away') return AWAY;
  return `${user}${password}${token}${query}` === '' ? NO_TOKEN : NOT_PERMITTED;
}

/** Asks about a viewer that joins the swarm, and about the member again and again. */
export async function openAskedMembership(
  service: AuthService,
  viewer: JoiningViewer,
): Promise<Denial | Membership> {
  const { stream, address, token = '', onEnd } = viewer;
  let question: AuthQuestion = {
    ...{ user: '', password: '', token, ip: address, action: 'read', path: stream },
    ...{ protocol: 'webrtc', id: '', query: '' },
  };
  const denial = denialOf(await service.ask(question), question);
  if (denial !== undefined) return denial;
  const timer = setInterval(() => {
    void service.ask(question).then((answer) => {
      if (answer !== 'no' || closed) return;
      close();
      onEnd(NOT_PERMITTED.text);
    });
  }, ASK_AGAIN_MS).unref();
  let closed = false;
  const close = () => {
    closed = true;
    clearInterval(timer);
  };
  return {
    close,
    renew: (another) => {
      question = { ...question, token: another };
    },
  };
}
