import { expect, it } from 'vitest';
import { withExplicitIv } from './explicit-iv.ts';

const AES = '#EXT-X-KEY:METHOD=AES-128,URI="k"';
const SAMPLES = '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="k"';
const IV = ',IV=0x0000000000000000000000000000001f';
const MAP = { url: 'https://host/init.mp4', range: undefined, keys: [] };

it.each([
  ['the same number', AES, 31, undefined, AES],
  ['another number', AES, 8, undefined, `${AES}${IV}`],
  ['SAMPLE-AES, even with the same number', SAMPLES, 31, undefined, `${SAMPLES}${IV}`],
  ['SAMPLE-AES in fMP4, the same number', SAMPLES, 31, MAP, SAMPLES],
  ['an explicit IV', `${SAMPLES},IV=0x12`, 8, undefined, `${SAMPLES},IV=0x12`],
  ['a DRM system’s key', `${SAMPLES},KEYFORMAT="skd"`, 8, undefined, `${SAMPLES},KEYFORMAT="skd"`],
  [
    'a named key format',
    '#EXT-X-KEY:METHOD=AES-128,URI="k",KEYFORMAT="identity"',
    8,
    MAP,
    `${AES},KEYFORMAT="identity"${IV}`,
  ],
])('%s', (_name, line, ourMsn, map, expected) => {
  expect(withExplicitIv({ keys: [line], msn: 31, map }, ourMsn)).toEqual([expected]);
});
