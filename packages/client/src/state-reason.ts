import type { StateCode } from './public-types.ts';

const SENTENCES: Readonly<Record<StateCode, string>> = {
  joined: 'Connected to the swarm.',
  'tracker-lost': 'The server does not answer; links to other viewers stand.',
  joining: 'Joining the swarm.',
  'tracker-unreachable': 'The server’s tracker does not answer; it is tried again.',
  'switched-off': 'Sharing is switched off on this page.',
  'no-webrtc': 'This browser cannot link to other viewers (WebRTC is missing or blocked).',
  'no-sha256': 'What verifies the bytes of other viewers could not be loaded.',
  'foreign-url': 'The address is not that of a stream on a Freshet server.',
  destroyed: 'The player was closed.',
  'per-viewer': 'Segments differ from viewer to viewer: nothing can be shared.',
  policy: 'The broadcaster switched sharing off.',
  version: 'This page and the server are of different versions; reloading the page may help.',
  denied: 'The server did not accept this viewer’s access token.',
  malformed: 'The server did not understand this page.',
  flood: 'The server cut this page off for sending too much.',
  'unknown-stream': 'The server does not know this stream (yet); it is asked again.',
  full: 'The server takes no more viewers into the swarm; it is asked again.',
  draining: 'The server is stopping; it is asked again.',
};

export function stateReason(code: StateCode): string {
  return SENTENCES[code];
}
