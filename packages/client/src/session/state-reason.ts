import type { StateCode } from '../api.ts';

const SENTENCES: Readonly<Record<StateCode, string>> = {
  joined: 'Joined the swarm.',
  'tracker-lost': 'Lost contact with the server; still connected to other viewers.',
  joining: 'Joining the swarm.',
  'tracker-unreachable': 'The sharing service does not respond. Trying again.',
  'switched-off': 'Sharing is switched off on this page.',
  'no-webrtc': 'This browser cannot connect to other viewers (WebRTC is missing or blocked).',
  'no-sha256': 'Piece verification failed to load.',
  'foreign-url': 'This address is not a stream on a Freshet server.',
  destroyed: 'The player was closed.',
  'per-viewer': 'The segments differ from viewer to viewer and cannot be shared.',
  policy: 'The broadcaster has switched sharing off.',
  version: 'This page and the server have different versions. Reload the page.',
  denied: 'The server denied access to sharing.',
  malformed: 'This page sent an invalid message to the server.',
  flood: 'This page sent too many messages to the server.',
  'unknown-stream': 'The server does not have this stream yet. Trying again.',
  full: 'No more viewers can share right now. Trying again.',
  draining: 'The server is shutting down. Trying again.',
};

export function stateReason(code: StateCode): string {
  return SENTENCES[code];
}
