import type { LaunchOptions } from '@playwright/test';
import { findChromium } from '../../setup/tools.mjs';

/**
 * Chromium as the tests start it: no downloads, no throttling of the many pages, links between pages of one machine.
 * @param disabled features to switch off besides: Chromium heeds the last such argument alone.
 */
export function chromiumOptions(disabled: readonly string[] = []): LaunchOptions {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('Chromium is missing: npm run setup');
  return {
    executablePath,
    args: [
      `--disable-features=${[
        // Host candidates by address: a machine without a network has no multicast DNS.
        'WebRtcHideLocalIpsWithMdns',
        'LocalNetworkAccessChecks',
        'LocalNetworkAccessChecksWebRTC',
        // A second process for each page, in case it goes to another site: the machine has six pages to start.
        'SpareRendererForSitePerProcess',
        ...disabled,
      ].join(',')}`,
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
