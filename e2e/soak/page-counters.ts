import type { BrowserContext, Page } from '@playwright/test';

/** What a page keeps open at a moment. */
export interface PageCounts {
  readonly peerConnections: number;
  readonly webSockets: number;
  readonly timers: number;
}

/** Counts what the context's pages open and close, from before their own scripts run. */
export async function countIn(context: BrowserContext): Promise<void> {
  await context.addInitScript(install);
}

export function countsOf(page: Page): Promise<PageCounts> {
  return page.evaluate(() => (globalThis as unknown as { soakCounts: () => PageCounts }).soakCounts());
}

/** Bytes of script objects in use, after a garbage collection. */
export async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  try {
    await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize;
  } finally {
    await session.detach();
  }
}

/** Runs in the page. */
function install(): void {
  const connections = new Set<RTCPeerConnection>();
  const sockets = new Set<WebSocket>();
  const timers = new Set<unknown>();
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args: ConstructorParameters<typeof RTCPeerConnection>) {
      super(...args);
      connections.add(this);
    }
    override close(): void {
      connections.delete(this);
      super.close();
    }
  };
  globalThis.WebSocket = class extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      sockets.add(this);
      this.addEventListener('close', () => sockets.delete(this));
    }
  };
  const { setTimeout: startTimeout, setInterval: startInterval } = globalThis;
  const { clearTimeout: stopTimeout, clearInterval: stopInterval } = globalThis;
  const startOnce = (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]): number => {
    const id = startTimeout(() => {
      timers.delete(id);
      run(...args);
    }, ms);
    timers.add(id);
    return id as unknown as number;
  };
  const startOften = (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]): number => {
    const id: unknown = startInterval(run, ms, ...args);
    timers.add(id);
    return id as number;
  };
  const stop = (id?: number): void => {
    timers.delete(id);
    stopTimeout(id);
    stopInterval(id);
  };
  Object.assign(globalThis, {
    setTimeout: startOnce,
    setInterval: startOften,
    clearTimeout: stop,
    clearInterval: stop,
    soakCounts: () => ({
      peerConnections: connections.size,
      webSockets: sockets.size,
      timers: timers.size,
    }),
  });
}
