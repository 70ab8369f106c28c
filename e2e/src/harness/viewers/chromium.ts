import type { LaunchOptions } from '@playwright/test';
import { findChromium, findHeadlessShell } from '../../../setup/tools.mjs';

/**
 * Chromium's options for the tests: no downloads, no throttling of the many pages, links between pages of one machine.
 * @param disabled further features to switch off; Chromium obeys only the last such argument.
 */
export function chromiumOptions(disabled: readonly string[] = []): LaunchOptions {
  // Without a user interface where there is such a build: Chromium's own takes a process and a CPU second per window.
  const executablePath = findHeadlessShell() ?? findChromium();
  if (executablePath === undefined) throw new Error('Chromium is missing: npm run setup');
  return {
    executablePath,
    args: [
      `--disable-features=${[
        // Host candidates by address: a machine without a network has no multicast DNS.
        'WebRtcHideLocalIpsWithMdns',
        'LocalNetworkAccessChecks',
        'LocalNetworkAccessChecksWebRTC',
        // A spare process for each page, in case it goes to another site. The machine has six pages to start.
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
