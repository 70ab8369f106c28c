import type { Engine } from '../bench/engines/engine.ts';
import { plainEngine } from '../bench/engines/plain.ts';
import { p2pmlEngine } from '../bench/engines/p2pml.ts';
import type { PageServer } from '../src/harness/servers/page-server.ts';
import { SERVER_ADDRESS } from './net/network.ts';
import { iceServers, iceUrl, type TurnTransport } from './net/ice-servers.ts';

export const LAB_ENGINES = ['plain', 'freshet', 'p2pml-tuned'] as const;
export type LabEngineName = (typeof LAB_ENGINES)[number];
export type LabEngine = Engine & { readonly name: LabEngineName };

/** @param turn transport to the TURN server. All viewers get the STUN server. */
export async function openLabEngine(
  name: LabEngineName,
  pages: PageServer,
  turn: TurnTransport | undefined,
): Promise<LabEngine> {
  switch (name) {
    case 'plain':
      return { ...plainEngine(pages), name };
    case 'freshet':
      return watchPageEngine(turn);
    case 'p2pml-tuned': {
      const around = { address: SERVER_ADDRESS, iceServers: iceServers(turn) };
      return { ...(await p2pmlEngine(pages, name, around)), name };
    }
  }
}

/** The player as shipped, on the server's own page. */
function watchPageEngine(turn: TurnTransport | undefined): LabEngine {
  return {
    name: 'freshet',
    label: 'Freshet',
    serverArgs: () => iceServers(turn).flatMap((server) => ['--ice-server', iceUrl(server)]),
    page: (playlistUrl) => ({ url: playlistUrl.replace(/\/live\/([^/]+)\/.*$/, '/watch/$1'), options: {} }),
    close: () => Promise.resolve(),
  };
}
