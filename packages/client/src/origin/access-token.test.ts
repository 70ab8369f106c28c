import { expect, test, vi } from 'vitest';
import { AccessToken } from './access-token.ts';

const URL_OF_STREAM = 'https://host/tv/live/demo/index.m3u8';
const LIST = 'https://host/tv/live/demo/0a0b0c0d/index.m3u8';

test('requests of playlists show the token, and those of media only if they have no ticket', () => {
  const access = new AccessToken(URL_OF_STREAM, 'a/b&c', undefined);
  expect(access.authorised(URL_OF_STREAM)).toBe(`${URL_OF_STREAM}?token=a%2Fb%26c`);
  expect(access.authorised(`${LIST}?token=old&_HLS_msn=3`)).toBe(`${LIST}?token=a%2Fb%26c&_HLS_msn=3`);
  const media = 'https://host/tv/live/demo/0a0b0c0d/1.m4s?epoch=7';
  expect(access.authorised(`${media}&ticket=t`)).toBe(`${media}&ticket=t`);
  expect(access.authorised(media)).toBe(`${media}&token=a%2Fb%26c`);
});

test.each([
  'https://host/tv/live/other/index.m3u8',
  'https://host.example/tv/live/demo/index.m3u8',
  'https://keys/live/demo/key',
])('the token is not sent to %s', (url) => {
  expect(new AccessToken(URL_OF_STREAM, 'secret', undefined).authorised(url)).toBe(url);
});

test('a function makes the first token and every other; several requests wait for one', async () => {
  let number = 0;
  const make = vi.fn(() => Promise.resolve(`t${++number}`));
  const access = new AccessToken(URL_OF_STREAM, make, undefined);
  const open = vi.fn();
  const load = () => access.xhrSetup({ open } as unknown as XMLHttpRequest, LIST, {} as never);
  await Promise.all([load(), load()]);
  expect(open.mock.calls).toEqual(new Array(2).fill(['GET', `${LIST}?token=t1`, true]));
  const [one, two] = [access.renew(), access.renew()];
  expect(one).toBe(two);
  // Nothing waits while the old one may do.
  await load();
  expect(open).toHaveBeenLastCalledWith('GET', `${LIST}?token=t1`, true);
  await one;
  expect(access.value).toBe('t2');
  expect(make).toHaveBeenCalledTimes(2);
});

test('onTokenExpired makes the others; without a function there are none', async () => {
  const access = new AccessToken(URL_OF_STREAM, 'first', () => 'second');
  expect(access.value).toBe('first');
  await access.renew();
  expect(access.value).toBe('second');
  expect(new AccessToken(URL_OF_STREAM, 'only', undefined).renew()).toBeUndefined();
});

test('a function that fails leaves the token as it is', async () => {
  let fails = false;
  const access = new AccessToken(
    URL_OF_STREAM,
    () => {
      if (fails) throw new Error('no session');
      return 'first';
    },
    undefined,
  );
  await access.making;
  fails = true;
  await access.renew();
  expect(access.value).toBe('first');
  expect(access.making).toBeUndefined();
});
