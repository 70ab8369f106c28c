import type { Page } from '@playwright/test';

/** Chromium's own network emulation for one page's HTTP. It does not slow down the page's data channels. */
export class Throttle {
  readonly #send: (bytesPerSecond: number) => Promise<void>;

  static async of(page: Page): Promise<Throttle> {
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    return new Throttle(async (bytesPerSecond) => {
      await session.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: 0,
        downloadThroughput: bytesPerSecond,
        uploadThroughput: -1,
      });
    });
  }

  private constructor(send: (bytesPerSecond: number) => Promise<void>) {
    this.#send = send;
  }

  async to(kbps: number): Promise<void> {
    await this.#send((kbps * 1000) / 8);
  }

  async lift(): Promise<void> {
    await this.#send(-1);
  }
}
