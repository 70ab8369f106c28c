import { openPeerLink } from '../peers/peer-link.ts';
import { LinkedPair, type PairFindings, type PairOptions } from './linked-pair.ts';
import { examinePeerLink } from './peer-link-contract.ts';

let pair: LinkedPair | undefined;

/** The functions of the page in which the real link is examined. */
Object.assign(globalThis, {
  examine: () => examinePeerLink(openPeerLink),
  lonely: () =>
    new Promise<string>((resolve) => {
      openPeerLink(
        { initiator: true, iceServers: [], relayOnly: false, relayAtOnce: false },
        {
          onOpen: () => undefined,
          onMessage: () => undefined,
          onSignal: () => undefined,
          onDrained: () => undefined,
          onClosed: resolve,
        },
      );
    }),
  link: (options: PairOptions): Promise<PairFindings | string> => {
    pair?.close();
    pair = new LinkedPair(openPeerLink, options);
    return pair.opened();
  },
  ended: () => pair?.closed(),
});
