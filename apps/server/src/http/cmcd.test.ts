import express from 'express';
import request from 'supertest';
import { expect, test } from 'vitest';
import type { CmcdReport, CmcdSender } from '../metrics/metrics.ts';
import { cmcd, cmcdText, readCmcd } from './cmcd.ts';

const nothing = {
  session: '',
  starved: false,
  startup: false,
  bufferMs: undefined,
  throughputKbps: undefined,
};

test.each<[string, Partial<CmcdReport & { session: string }> | undefined]>([
  ['bl=3200,bs,mtp=25400,su', { starved: true, startup: true, bufferMs: 3200, throughputKbps: 25_400 }],
  ['br=3200,d=4004,ot=v,sf=h,sid="6e2f,b5",st=l,tb=6000', { session: '"6e2f,b5"' }],
  [`sid="${'x'.repeat(65)}"`, undefined],
  ['nor="..%2F3.m4s",bs', { starved: true }],
  ['com.example-hello="with \\"quotes\\", and commas",bl=0', { bufferMs: 0 }],
  ['bl=-5,mtp=many', {}],
  ['bl=1e300,mtp=1e300', {}],
  ['', undefined],
  ['=', undefined],
  ['<script>', undefined],
  ['bs,'.repeat(1000), undefined],
])('%s', (text, expected) => {
  expect(readCmcd(text)).toEqual(expected === undefined ? undefined : { ...nothing, ...expected });
});

test('the query takes precedence over the headers, which are joined', () => {
  const headers = { 'cmcd-request': 'bl=100', 'cmcd-status': 'bs' };
  expect(cmcdText('/live/x.ts?e=1&CMCD=bl%3D200', headers)).toBe('bl=200');
  expect(cmcdText('/live/x.ts?e=1', headers)).toBe('bl=100,bs');
  expect(cmcdText('/live/x.ts', {})).toBeUndefined();
  expect(cmcdText('/x?CMCD=%E0%A4', {})).toBe('');
});

test('counts CMCD of existing streams, and never fails a request', async () => {
  const counted: [string, CmcdReport | 'malformed', CmcdSender][] = [];
  const app = express();
  app.use(
    '/live',
    cmcd(
      (name) => name === 'tv',
      (address) => `network of ${address.replace('::ffff:', '')}`,
      {
        countCmcd: (...count) => counted.push(count),
      },
    ),
    (_request, response) => {
      response.send('segment');
    },
  );
  await request(app)
    .get('/live/tv/0123abcd/7.ts?e=5&CMCD=bs%2Cbl%3D900%2Csid%3D%22s%22')
    .expect(200, 'segment');
  await request(app).get('/live/tv/index.m3u8').set('CMCD-Status', '%%%').expect(200);
  await request(app).get('/live/other/index.m3u8?CMCD=bs').expect(200);
  await request(app).get('/live/tv/index.m3u8').expect(200);
  const network = 'network of 127.0.0.1';
  expect(counted).toEqual([
    ['tv', { ...nothing, starved: true, bufferMs: 900, session: '"s"' }, { network, session: '"s"' }],
    ['tv', 'malformed', { network, session: '' }],
  ]);
});
