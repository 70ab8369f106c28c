import type { LaunchOptions } from '@playwright/test';
import { findChromium } from '../../setup/tools.mjs';

/** Chromium as the tests start it: no downloads, no throttling of the many pages, links between pages of one machine. */
export function chromiumOptions(): LaunchOptions {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('Chromium is missing: npm run setup');
  return {
    executablePath,
    args: [
      // Host candidates by address: a machine without a network has no multicast DNS.
      '--disable-features=WebRtcHideLocalIpsWithMdns,LocalNetworkAccessChecks,LocalNetworkAccessChecksWebRTC',
      '--no-sandbox',
      '--mute-audio',
      '--autoplay-policy=no-user-gesture-required',
      '--disable-background-networking',
      '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding',
      '--disable-background-timer-throttling',
    ],
  };
}
