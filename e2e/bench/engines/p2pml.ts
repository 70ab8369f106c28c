import { join } from 'node:path';
import type { PageServer } from '../../src/harness/servers/page-server.ts';
import { hlsPage } from '../../src/harness/pages/plain-page.ts';
import type { Engine, EngineName, UploadLimits } from './engine.ts';
import { installRivals, RIVALS } from './install-rivals.ts';
import { RivalTracker } from './rival-tracker.ts';

/** The changes that a variant of p2p-media-loader makes to its defaults. */
interface Settings {
  readonly label: string;
  readonly core: Readonly<Record<string, unknown>>;
  readonly hls: Readonly<Record<string, unknown>>;
}

/**
 * With p2p-media-loader's defaults the start position depends on a race: it moves hls.js's start to the beginning of
 * the playlist if its handler runs before hls.js has chosen. The other two variants fix the position, `p2pml-tuned`
 * where plain hls.js starts and `p2pml-far` where p2p-media-loader wants to start.
 */
const VARIANTS: Readonly<Record<Exclude<EngineName, 'plain' | 'freshet'>, Settings>> = {
  p2pml: { label: 'p2pml default', core: {}, hls: {} },
  'p2pml-tuned': {
    label: 'p2pml tuned',
    core: { highDemandTimeWindow: 4 },
    hls: { liveSyncDurationCount: 3 },
  },
  'p2pml-far': {
    label: 'p2pml tuned, far',
    core: { highDemandTimeWindow: 4 },
    hls: { liveSyncDurationCount: 9 },
  },
};

/**
 * p2p-media-loader 2.3.1 passes hls.js the same buffer that it keeps for its neighbours, and hls.js transfers that
 * buffer to its worker. Neighbours then get empty segments, which end playback. Without the worker it works.
 */
const WITHOUT_WORKER = { enableWorker: false };

/** The servers that its viewers need besides the relay. */
interface Surroundings {
  /** Address of the WebTorrent tracker. */
  readonly address: string;
  readonly iceServers: readonly RTCIceServer[];
}

/** All viewers are on this machine. */
const LOOPBACK: Surroundings = { address: '127.0.0.1', iceServers: [] };

/** p2p-media-loader, set up as in its documentation: its own bundles through an import map, around the same hls.js. */
export async function p2pmlEngine(
  pages: PageServer,
  name: keyof typeof VARIANTS,
  { address, iceServers } = LOOPBACK,
): Promise<Engine> {
  await installRivals();
  const tracker = await RivalTracker.start(address);
  const { label, core, hls } = VARIANTS[name];
  const page = hlsPage(pages, `${name}.html`, script(addBundles(pages)));
  return {
    name,
    label,
    serverArgs: () => [],
    page: (playlistUrl, limits) => {
      const uplinkKbps = thinner(limits);
      const settings = {
        // Its defaults are public servers on the internet.
        announceTrackers: [tracker.url],
        rtcConfig: { iceServers },
        ...core,
        ...(uplinkKbps === 0 && { isP2PUploadDisabled: true }),
      };
      const query = new URLSearchParams({
        core: JSON.stringify(settings),
        hls: JSON.stringify({ ...WITHOUT_WORKER, ...hls }),
      });
      return {
        url: `${page(playlistUrl)}&${query.toString()}`,
        // It has no rate cap. The uplink is throttled to that rate instead.
        options: uplinkKbps === undefined || uplinkKbps === 0 ? {} : { uplinkKbps },
      };
    },
    close: () => tracker.close(),
  };
}

function addBundles(pages: PageServer): Readonly<Record<'core' | 'hlsjs', string>> {
  // By path: the packages export only modules that require a bundler. The bundles for pages are beside them.
  const bundle = (part: 'core' | 'hlsjs'): string => {
    const name = `p2p-media-loader-${part}`;
    return `${pages.addFolder(name, join(RIVALS, 'node_modules', name, 'dist'))}${name}.es.min.js`;
  };
  return { core: bundle('core'), hlsjs: bundle('hlsjs') };
}

function script(bundles: Readonly<Record<'core' | 'hlsjs', string>>): string {
  const imports = { 'p2p-media-loader-core': bundles.core, 'p2p-media-loader-hlsjs': bundles.hlsjs };
  return `<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
  import { HlsJsP2PEngine } from 'p2p-media-loader-hlsjs';
  const query = new URLSearchParams(location.search);
  const HlsWithP2P = HlsJsP2PEngine.injectMixin(Hls);
  globalThis.hls = new HlsWithP2P({ ...JSON.parse(query.get('hls')), p2p: { core: JSON.parse(query.get('core')) } });
  hls.loadSource(query.get('url'));
  hls.attachMedia(document.querySelector('video'));
</script>`;
}

function thinner({ everyKbps = Infinity, thisKbps = Infinity }: UploadLimits): number | undefined {
  const kbps = Math.min(everyKbps, thisKbps);
  return kbps === Infinity ? undefined : kbps;
}
