import { openPeerLink } from '../peer-link.ts';
import { examinePeerLink } from './peer-link-contract.ts';

/** For the page in which the real link is examined. */
Object.assign(globalThis, {
  examine: () => examinePeerLink(openPeerLink),
  lonely: () =>
    new Promise<string>((resolve) => {
      openPeerLink(
        { initiator: true, iceServers: [], relayOnly: false },
        {
          onOpen: () => undefined,
          onMessage: () => undefined,
          onSignal: () => undefined,
          onPieceSent: () => undefined,
          onClosed: resolve,
        },
      );
    }),
});
