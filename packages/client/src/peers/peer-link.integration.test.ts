import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright';
import { build, defaultClientConditions } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { slim } from '../../scripts/slim.mjs';
import type { PairFindings, PairOptions } from '../testing/linked-pair.ts';
import { memoryLinks } from '../testing/memory-link.ts';
import { CONTRACT, type ContractFindings, examinePeerLink } from '../testing/peer-link-contract.ts';
import { TurnServer } from '../testing/turn-server.ts';

test('links in memory keep the contract', async () => {
  expect(await examinePeerLink(memoryLinks())).toEqual(CONTRACT);
});

const CHROMIUM = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

const HAS_IPV6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ family }) => family === 'IPv6'),
);

const BLOCK_DIRECT_WAYS = `
  const relayed = (configuration) => ({ ...configuration, iceTransportPolicy: 'relay' });
  RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) {
      super(relayed(configuration));
    }
    setConfiguration(configuration) {
      super.setConfiguration(relayed(configuration));
    }
  };
`;

describe.skipIf(CHROMIUM === undefined)('over WebRTC in Chromium', () => {
  let browser: Browser | undefined;
  let script: string;

  beforeAll(async () => {
    script = await bundle();
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: [
        '--no-sandbox',
        '--disable-background-networking',
        // A machine without a network has only these addresses.
        '--allow-loopback-in-peer-connection',
        '--disable-features=WebRtcHideLocalIpsWithMdns,LocalNetworkAccessChecks,LocalNetworkAccessChecksWebRTC',
      ],
    });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
  });

  test('links of simple-peer keep the contract', async () => {
    const page = await browser?.newPage();
    await page?.addScriptTag({ content: script });
    expect(await page?.evaluate<ContractFindings>('examine()')).toEqual(CONTRACT);
  }, 60_000);

  test('an unanswered link closes by itself, and a blocked WebRTC closes it at once', async () => {
    const page = await browser?.newPage();
    await page?.clock.install();
    await page?.addScriptTag({ content: script });
    const lonely = page?.evaluate<string>('lonely()');
    await page?.clock.runFor(16_000);
    expect(await lonely).toBe('no connection in time');
    const ways = ['function () { throw new Error("blocked"); }', 'function () {}', 'undefined'];
    for (const way of ways) {
      await page?.evaluate(`RTCPeerConnection = ${way}; undefined`);
      expect(await page?.evaluate<string>('lonely()')).toMatch(/blocked|is not a/);
    }
  }, 60_000);

  /** A page with two links of its own. */
  async function pairs() {
    const page = await browser?.newPage();
    await page?.addScriptTag({ content: script });
    return {
      link: (options: PairOptions) =>
        page?.evaluate<PairFindings | string>(`link(${JSON.stringify(options)})`),
      ended: () => page?.evaluate<string>('ended()'),
      /** Lets packets leave through a relay only, as behind a router that drops all others. */
      blockDirectWays: () => page?.evaluate(BLOCK_DIRECT_WAYS),
    };
  }

  test.skipIf(!HAS_IPV6)(
    'C4: a link opens over IPv6 alone, and over IPv4 alone',
    async () => {
      const { link } = await pairs();
      for (const passes of ['udp \\d+ [0-9a-f]*:', 'udp \\d+ \\d+\\.'])
        expect(await link({ iceServers: [], passes })).toMatchObject({
          offers: 1,
          kinds: ['direct', 'direct'],
        });
    },
    60_000,
  );

  test('C4: candidates that the browser cannot use do not end a link', async () => {
    const { link } = await pairs();
    const besides = [
      'rubbish',
      'candidate:1 1 udp 1 2001:db8::1 9 typ',
      'candidate:1 1 udp 1 stranger.local 9 typ host',
    ];
    expect(await link({ iceServers: [], besides })).toMatchObject({ offers: 1 });
  }, 60_000);

  test('C5: an address that was not signalled counts as a router’s', async () => {
    const { link } = await pairs();
    expect(await link({ iceServers: [], passes: '^1 ' })).toMatchObject({ kinds: ['direct', 'reflexive'] });
  }, 60_000);

  describe.skipIf(!TurnServer.isInstalled)('with a TURN server', () => {
    let turn: TurnServer;
    let iceServers: PairOptions['iceServers'];

    beforeEach(async () => {
      turn = await TurnServer.start();
      iceServers = [{ urls: `turn:127.0.0.1:${turn.port}`, username: 'u', credential: 'p' }];
    });
    afterEach(async () => {
      await turn.stop();
    });

    test('C1: a pair that finds a direct path requests no relay, however slow the signals are', async () => {
      const { link } = await pairs();
      const found = await link({ iceServers, signalMs: 400 });
      expect(found).toMatchObject({ offers: 1, kinds: ['direct', 'direct'] });
      expect(turn.allocations).toBe(0);
    }, 60_000);

    test('C1: a pair that finds no direct path links through a relay after a second offer', async () => {
      const { link } = await pairs();
      const found = await link({ iceServers, passes: 'typ relay' });
      expect(found).toMatchObject({ offers: 2, kinds: ['relayed', 'relayed'] });
      expect(turn.allocations).toBeGreaterThanOrEqual(2);
    }, 60_000);

    test.each([{ relayOnly: true }, { relayAtOnce: [0, 1] }])(
      'C1: a viewer that must use relays, or has found nothing else, requests one at once: %o',
      async (how) => {
        const { link } = await pairs();
        const found = await link({ iceServers, passes: 'typ relay', ...how });
        expect(found).toMatchObject({ offers: 1, kinds: ['relayed', 'relayed'] });
      },
      60_000,
    );

    test('C1: the second offer adds relays on the other side, even when the first had some', async () => {
      const { link, blockDirectWays } = await pairs();
      await blockDirectWays();
      const found = await link({ iceServers, relayAtOnce: [0] });
      expect(found).toMatchObject({ offers: 2, kinds: ['relayed', 'relayed'] });
    }, 60_000);

    test('C2: a link ends when it hears nothing more', async () => {
      const { link, ended } = await pairs();
      await link({ iceServers, relayOnly: true });
      turn.freeze();
      const frozenAt = performance.now();
      expect(await ended()).toBe('lost');
      expect(performance.now() - frozenAt).toBeLessThan(10_000);
    }, 60_000);
  });
});

/** The contract and the real link as one classic script. */
async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL('../testing/peer-link-page.ts', import.meta.url));
  const built = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@freshet/source', ...defaultClientConditions] },
    plugins: [slim()],
    build: { write: false, rolldownOptions: { input: entry, output: { format: 'iife' } } },
  });
  const [output] = Array.isArray(built) ? built : [built];
  if (!('output' in output)) throw new Error('nothing was built');
  return output.output[0].code;
}
