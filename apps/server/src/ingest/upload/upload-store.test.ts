import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { UPLOAD_ENTRY, UploadStore } from './upload-store.ts';

const LIMITS = { headersMs: 50, idleMs: 50, wholeMs: 50, maxBytes: 1000 };
const LIST = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n';
const MULTIVARIANT = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv0/list.m3u8\n';

let now: number;
let store: UploadStore;
const never = new AbortController().signal;
const get = (name: string, range?: { start: number; length: number }) =>
  store.get(UPLOAD_ENTRY + name, LIMITS, never, range);
const text = async (name: string) => (await get(name)).data.toString();
const put = (name: string, content: string) => {
  store.put(name, Buffer.from(content));
};
const list = (...names: string[]) => LIST + names.map((name) => `#EXTINF:2,\n${name}\n`).join('');

beforeEach(() => {
  now = 1000;
  store = new UploadStore({ wallClock: () => now, settleMs: 0, maxBytes: 100 });
});

describe('UploadStore', () => {
  it('returns an uploaded file, whole and by range, with the time of its upload', async () => {
    put('a.ts', '0123456789');
    expect(await text('a.ts')).toBe('0123456789');
    const { data, modifiedAt } = await get('a.ts', { start: 2, length: 3 });
    expect(data.toString()).toBe('234');
    expect(modifiedAt).toBe(1000);
    await expect(get('a.ts', { start: 8, length: 3 })).rejects.toMatchObject({ reason: 'range' });
  });

  it('waits for a file that a playlist listed early, and fails when it does not arrive', async () => {
    const coming = get('a.ts');
    put('a.ts', 'x');
    expect((await coming).data.toString()).toBe('x');
    await expect(get('b.ts')).rejects.toMatchObject({ reason: 'status', status: 404 });
  });

  it('refuses addresses of other hosts', async () => {
    const signal = new AbortController().signal;
    await expect(store.get('http://10.0.0.1/a.ts', LIMITS, signal)).rejects.toMatchObject({
      reason: 'address',
    });
  });

  it('serves the multivariant playlist as its entry, or the newest media playlist', async () => {
    put('old.m3u8', list('a.ts'));
    put('new.m3u8', list('b.ts'));
    expect((await get('')).url).toBe(`${UPLOAD_ENTRY}new.m3u8`);
    put('master.m3u8', MULTIVARIANT);
    put('v0/list.m3u8', list('c.ts'));
    expect((await get('')).url).toBe(`${UPLOAD_ENTRY}master.m3u8`);
  });

  it('waits a moment for a multivariant playlist, which encoders write second', async () => {
    store = new UploadStore({ wallClock: () => now, settleMs: 1000 });
    put('v0/list.m3u8', list('c.ts'));
    await expect(get('')).rejects.toMatchObject({ status: 404 });
    now += 1000;
    expect((await get('')).url).toBe(`${UPLOAD_ENTRY}v0/list.m3u8`);
  });

  it('reports a change at once, and returns at the timeout without one', async () => {
    const minute = 60_000;
    const wait = (timeoutMs: number, signal = never) => {
      const told = vi.fn();
      const done = store.untilChanged(`${UPLOAD_ENTRY}a.m3u8`, timeoutMs, signal).then(told);
      return { told, done };
    };
    put('a.m3u8', list('a.ts'));
    await get('a.m3u8');
    const change = wait(minute);
    put('other.m3u8', LIST);
    await sleep(0);
    expect(change.told).not.toHaveBeenCalled();
    put('a.m3u8', list('a.ts', 'b.ts'));
    await sleep(0);
    expect(change.told).toHaveBeenCalledOnce();
    // Not requested since, so it still differs from the last response.
    const again = wait(minute);
    await sleep(0);
    expect(again.told).toHaveBeenCalledOnce();
    await get('a.m3u8');
    const unchanged = wait(10);
    await sleep(0);
    expect(unchanged.told).not.toHaveBeenCalled();
    await unchanged.done;
    const stopping = new AbortController();
    const stopped = wait(minute, stopping.signal);
    await sleep(0);
    expect(stopped.told).not.toHaveBeenCalled();
    stopping.abort();
    await sleep(0);
    expect(stopped.told).toHaveBeenCalledOnce();
  });

  it('drops files that their playlist no longer lists, and keeps the init segment while listed', async () => {
    put('init.mp4', 'i');
    put('0.m4s', 'x');
    put('1.m4s', 'x');
    const map = '#EXT-X-MAP:URI="init.mp4"\n';
    put('a.m3u8', LIST + map + '#EXTINF:2,\n0.m4s\n');
    put('a.m3u8', LIST + map + '#EXTINF:2,\n1.m4s\n');
    expect(store.files).toBe(3);
    await expect(get('0.m4s')).rejects.toMatchObject({ status: 404 });
    expect(await text('init.mp4')).toBe('i');
  });

  it('drops the oldest media at its limit, but no playlist', async () => {
    put('a.m3u8', '#EXTM3U');
    for (let i = 0; i < 20; i++) put(`${i}.ts`, '0123456789');
    expect(store.bytes).toBeLessThanOrEqual(100);
    expect(await text('a.m3u8')).toBe('#EXTM3U');
    expect(await text('19.ts')).toBe('0123456789');
  });

  it('keeps a bounded number of files and of playlists', () => {
    store = new UploadStore({ wallClock: () => now });
    for (let i = 0; i < 1000; i++) put(`${i}.ts`, '');
    expect(store.files).toBe(512);
    for (let i = 0; i < 100; i++) put(`${i}.m3u8`, '#EXTM3U');
    expect(store.files).toBeLessThanOrEqual(512);
  });

  it('releases all waiting requests when it is closed', async () => {
    const told = vi.fn();
    void store.untilChanged(UPLOAD_ENTRY, 60_000, never).then(told);
    await store.close();
    await sleep(0);
    expect(told).toHaveBeenCalledOnce();
    put('a.ts', 'x');
    expect(store.bytes).toBe(0);
  });
});
