import { afterEach, beforeEach, expect, test, vi } from 'vitest';

class MemoryStorage {
  readonly items = new Map<string, string>();
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
}

/** A page's own copy of the module, with empty memory. */
async function freshPage(): Promise<typeof import('./giving.ts')> {
  vi.resetModules();
  return import('./giving.ts');
}

beforeEach(() => {
  vi.stubGlobal('localStorage', new MemoryStorage());
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test('the next page remembers the viewer’s choice', async () => {
  const first = await freshPage();
  expect(first.readChoice()).toBeUndefined();
  first.writeGiving(false);
  const second = await freshPage();
  expect(second.readChoice()).toBe(false);
  second.writeGiving(true);
  expect((await freshPage()).readChoice()).toBe(true);
});

test('every player of the page is notified until it unsubscribes', async () => {
  const { onGiving, writeGiving } = await freshPage();
  const heard: boolean[] = [];
  const stop = onGiving((giving) => heard.push(giving));
  writeGiving(false);
  stop();
  writeGiving(true);
  expect(heard).toEqual([false]);
});

test('if storage is blocked, choice and notice last as long as the page', async () => {
  const blocked = (): never => {
    throw new DOMException('denied', 'SecurityError');
  };
  vi.stubGlobal('localStorage', { getItem: blocked, setItem: blocked });
  const { markNoticed, readChoice, wasNoticed, writeGiving } = await freshPage();
  expect([readChoice(), wasNoticed()]).toEqual([undefined, false]);
  writeGiving(false);
  markNoticed();
  expect([readChoice(), wasNoticed()]).toEqual([false, true]);
  expect((await freshPage()).readChoice()).toBeUndefined();
});
