import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright';
import { build, defaultClientConditions } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { slim } from '../scripts/slim.mjs';
import { memoryLinks } from './testing/memory-link.ts';
import { CONTRACT, type ContractFindings, examinePeerLink } from './testing/peer-link-contract.ts';

test('links in memory keep the contract', async () => {
  expect(await examinePeerLink(memoryLinks())).toEqual(CONTRACT);
});

const CHROMIUM = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

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

  test('a link that nobody answers closes by itself, and a blocked WebRTC closes it at once', async () => {
    const page = await browser?.newPage();
    await page?.clock.install();
    await page?.addScriptTag({ content: script });
    const lonely = page?.evaluate<string>('lonely()');
    await page?.clock.runFor(16_000);
    expect(await lonely).toBe('no connection in time');
    await page?.evaluate('RTCPeerConnection = function () { throw new Error("blocked"); }');
    expect(await page?.evaluate<string>('lonely()')).not.toBe('');
  }, 60_000);
});

/** The contract and the real link as one classic script. */
async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL('testing/peer-link-page.ts', import.meta.url));
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
