import { addEnginePage } from '../../src/harness/pages/engine-page.ts';
import type { PageServer } from '../../src/harness/servers/page-server.ts';
import type { Engine } from './engine.ts';

/** The client from this repository's sources, with its defaults. A limit for every viewer is the server's policy. */
export async function freshetEngine(pages: PageServer): Promise<Engine> {
  const { url, remove } = await addEnginePage(pages);
  return {
    name: 'freshet',
    label: 'Freshet',
    serverArgs: ({ everyKbps }) =>
      everyKbps === undefined ? [] : ['--upload-limit-kbps', String(everyKbps)],
    page: (playlistUrl, { thisKbps }) => ({
      url: url(playlistUrl, thisKbps !== 0),
      // The policy has no rate for a single viewer. Its uplink is throttled instead, and the client has to detect that.
      options: thisKbps === undefined || thisKbps === 0 ? {} : { uplinkKbps: thisKbps },
    }),
    close: remove,
  };
}
