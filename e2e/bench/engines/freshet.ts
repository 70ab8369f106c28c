import { addEnginePage } from '../../src/harness/engine-page.ts';
import type { PageServer } from '../../src/harness/page-server.ts';
import type { Engine } from './engine.ts';

/** The client from this repository's sources, with its defaults. A limit for everybody is the server's policy. */
export async function freshetEngine(pages: PageServer): Promise<Engine> {
  const { url, remove } = await addEnginePage(pages);
  return {
    name: 'freshet',
    label: 'Freshet',
    serverArgs: ({ everyKbps }) =>
      everyKbps === undefined ? [] : ['--upload-limit-kbps', String(everyKbps)],
    page: (playlistUrl, { thisKbps }) => ({
      url: url(playlistUrl, thisKbps !== 0),
      // A viewer's policy has no rate: this one's uplink is thin, and the client has to find out.
      options: thisKbps === undefined || thisKbps === 0 ? {} : { uplinkKbps: thisKbps },
    }),
    close: remove,
  };
}
