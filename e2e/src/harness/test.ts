import { writeFile } from 'node:fs/promises';
import { test as base, type TestInfo } from '@playwright/test';
import { CountingProxy } from './servers/counting-proxy.ts';
import { FreshetServer, type ServerOptions } from './servers/freshet-server.ts';
import { MediaServer } from './sources/media-server.ts';
import { PageServer } from './servers/page-server.ts';
import { Viewers } from './viewers/viewers.ts';

interface TestFixtures {
  /** Starts Freshet servers; they end with the test. */
  readonly startServer: (options?: ServerOptions) => Promise<FreshetServer>;
  /** Starts counting proxies before a server; they end with the test. */
  readonly startProxy: (target: string) => Promise<CountingProxy>;
  /** Opens viewers; their pages close with the test. */
  readonly viewers: Viewers;
  /** Another web site. */
  readonly pages: PageServer;
}

interface WorkerFixtures {
  /** A broadcaster that publishes continuously. Tests that stop a broadcaster start their own. */
  readonly mediaServer: MediaServer;
}

/**
 * Playwright's test with fixtures for servers, proxies, pages and viewers. They end with the test, even if it fails.
 */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  mediaServer: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads a fixture's dependencies from the pattern.
    async ({}, use) => {
      const mediaServer = await MediaServer.start();
      try {
        await use(mediaServer);
      } finally {
        await mediaServer.close();
      }
    },
    { scope: 'worker' },
  ],

  // eslint-disable-next-line no-empty-pattern -- as above.
  startServer: async ({}, use, info) => {
    const servers: FreshetServer[] = [];
    await use(async (options) => {
      const server = await FreshetServer.start(options);
      servers.push(server);
      return server;
    });
    // Killed rather than drained: draining on SIGTERM takes seconds, and is tested elsewhere.
    await Promise.all(servers.map((server) => server.kill()));
    for (const [i, { output }] of servers.entries())
      await attachOnFailure(info, `server ${i + 1}.log`, output);
  },

  // eslint-disable-next-line no-empty-pattern -- as above.
  startProxy: async ({}, use) => {
    const proxies: CountingProxy[] = [];
    await use(async (target) => {
      const proxy = await CountingProxy.start(target);
      proxies.push(proxy);
      return proxy;
    });
    await Promise.all(proxies.map((proxy) => proxy.close()));
  },

  viewers: async ({ browser }, use, info) => {
    const viewers = new Viewers(browser);
    await use(viewers);
    const stories = failed(info) ? await viewers.stories() : new Map<string, string>();
    await viewers.close();
    for (const [name, story] of stories) await attachOnFailure(info, `viewer ${name}.log`, story);
  },

  // eslint-disable-next-line no-empty-pattern -- as above.
  pages: async ({}, use) => {
    const pages = await PageServer.start();
    await use(pages);
    await pages.close();
  },
});

export { expect } from '@playwright/test';

function failed({ status, expectedStatus }: TestInfo): boolean {
  return status !== expectedStatus;
}

/** As a file, so that the results folder has all of it; the report shows only its beginning. */
async function attachOnFailure(info: TestInfo, name: string, body: string): Promise<void> {
  if (!failed(info)) return;
  const path = info.outputPath(name.replaceAll(' ', '-'));
  await writeFile(path, body);
  await info.attach(name, { path, contentType: 'text/plain' });
}
