import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { type ConfigInput, loadConfig, optionEntries } from './load-config.ts';
import { flagName } from './options.ts';

function load(argv: string[] = [], env: ConfigInput['env'] = {}, files: Record<string, unknown> = {}) {
  const readFile = (path: string) => {
    const content = files[path];
    if (content === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    return typeof content === 'string' ? content : JSON.stringify(content);
  };
  const config = loadConfig({ argv, env, readFile });
  if (config === undefined) throw new Error('help was asked for');
  return config;
}

/** The one-line error message that the operator sees. */
function fault(...input: Parameters<typeof load>): string {
  try {
    load(...input);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('these settings were taken');
}

describe('precedence of settings', () => {
  it('uses the defaults', () => {
    expect(load()).toMatchObject({ port: 8080, bufferSeconds: 60, bufferMb: 512, sources: [], p2p: 'full' });
    expect(load().egressLimitMbps).toBeUndefined();
    expect(load().basePath).toBe('');
  });

  it('prefers flags, then the environment, then the file, then the defaults', () => {
    const files = { 'f.json': { port: 1, bufferSeconds: 11, bufferMb: 111, drainSeconds: 5 } };
    const env = { FRESHET_CONFIG: 'f.json', FRESHET_PORT: '2', FRESHET_BUFFER_SECONDS: '22' };
    expect(load(['--port', '3'], env, files)).toMatchObject({
      port: 3,
      bufferSeconds: 22,
      bufferMb: 111,
      drainSeconds: 5,
      maxNeighbours: 8,
    });
  });

  it('prefers --config over FRESHET_CONFIG', () => {
    const files = { 'a.json': { port: 1 }, 'b.json': { port: 2 } };
    expect(load(['--config', 'b.json'], { FRESHET_CONFIG: 'a.json' }, files).port).toBe(2);
  });

  it('replaces lists as a whole and never merges them', () => {
    const files = { 'f.json': { sources: { file: 'http://h/f' }, iceServers: ['stun:file:1'] } };
    const env = { FRESHET_CONFIG: 'f.json', FRESHET_SOURCE: 'one=http://h/1  two=https://h/2?a=b=c' };
    const config = load(['--ice-server', 'stun:a:1', '--ice-server', 'stun:b:1'], env, files);
    expect(config.sources).toEqual([
      { name: 'one', url: 'http://h/1' },
      { name: 'two', url: 'https://h/2?a=b=c' },
    ]);
    expect(config.iceServers.map(({ urls }) => urls)).toEqual(['stun:a:1', 'stun:b:1']);
  });

  it('treats an empty variable as unset', () => {
    expect(load([], { FRESHET_PORT: '', FRESHET_SOURCE: ' ' })).toMatchObject({ port: 8080, sources: [] });
  });

  it('has a flag, a variable and a line of help for every option', () => {
    let help = '';
    expect(loadConfig({ argv: ['--help'], env: {}, write: (text) => (help += text) })).toBeUndefined();
    for (const [, option] of optionEntries()) {
      expect(help).toContain(flagName(option));
      expect(help).toContain(`[${option.env}]`);
      expect(option.env).toBe(`FRESHET_${flagName(option).slice(2).replaceAll('-', '_').toUpperCase()}`);
    }
  });
});

describe('an invalid setting is reported in one line that says what to do', () => {
  it.each<[string, Parameters<typeof load>, string]>([
    ['a word', [['--port', '80a']], '--port: "80a" is not a whole number from 0 to 65535'],
    ['out of range', [['--port', '65536']], '--port: 65536 is not a whole number from 0 to 65535'],
    [
      'a fraction',
      [['--buffer-seconds', '4.5']],
      '--buffer-seconds: 4.5 is not a whole number from 4 to 3600',
    ],
    ['a variable', [[], { FRESHET_PORT: 'tcp://10.0.0.1:80' }], 'FRESHET_PORT: "tcp://10.0.0.1:80" is not'],
    ['a choice', [['--p2p', 'on']], '--p2p: "on" is not one of full, relay-only, same-network, off'],
    ['no name', [['--source', 'http://h/x']], 'Write name=http://host/path/index.m3u8'],
    ['a bad name', [['--source', 'a/b=http://h/x']], 'has no valid stream name'],
    ['a bad address', [['--source', 'a=ftp://h/x']], 'Write a=http://host/path/index.m3u8'],
    ['an open listener', [['--source', 'a=srt://0.0.0.0:9?mode=listener']], 'Add &passphrase='],
    ['a short key', [['--ingest-key', 'a=short']], 'the key of "a" is not valid. Write a=KEY'],
    ['a key without a name', [['--ingest-key', '0123456789abcdef']], 'no valid stream name. Write name=KEY'],
    ['an unknown size', [['--transcode', 'a=999p']], 'Write name=720p,480p'],
    ['sizes without a source', [['--transcode', 'a=720p']], 'no --source has this name'],
    ['sizes for HLS', [['--source', 'a=http://h/x.m3u8', '--transcode', 'a=720p']], 'relayed unchanged'],
    [
      'a stream pulled and pushed',
      [['--source', 'a=http://h/1', '--ingest-key', 'a=0123456789abcdef']],
      'has both a --source and an --ingest-key',
    ],
    [
      'a repeated name',
      [['--source', 'a=http://h/1', '--source', 'a=http://h/2']],
      'uses a stream name twice',
    ],
    ['TURN without credentials', [['--ice-server', 'turn:h:3478']], 'Set FRESHET_TURN_SECRET'],
    ['a secret without TURN', [['--turn-secret', 'x'.repeat(16)]], 'Add --ice-server turn:host:3478'],
    ['a short secret', [['--turn-secret', 'x'.repeat(15)]], 'Write 16 to 512'],
    ['not ICE', [['--ice-server', 'http://h']], 'Write stun:host:3478 or turn:'],
    ['a certificate without a key', [['--tls-cert', 'c.pem']], '--tls-cert requires --tls-key'],
    ['relay-only without TURN', [['--p2p', 'relay-only']], 'needs a TURN server'],
    ['a base path', [['--base-path', '/a/../b']], 'has a component of dots only'],
    ['a public URL', [['--public-url', 'example.org']], 'Write https://live.example.org'],
    ['an unknown flag', [['--prot', '1']], "unknown option '--prot' (Did you mean --port?). See --help"],
    ['a stray word', [['live']], 'too many arguments'],
    ['a flag without value', [['--port']], 'argument missing. See --help'],
    ['a missing file', [['--config', 'x.json']], 'x.json cannot be read: ENOENT'],
    ['not JSON', [['--config', 'x'], {}, { x: '{' }], 'x is not JSON: '],
    ['not an object', [['--config', 'x'], {}, { x: [1] }], 'x is not a JSON object'],
    [
      'an unknown key',
      [['--config', 'x'], {}, { x: { prot: 1 } }],
      'x: unknown option "prot". The options are',
    ],
    ['a wrong type', [['--config', 'x'], {}, { x: { port: true } }], 'x: port: true is not a whole number'],
  ])('%s', (_, input, message) => {
    const line = fault(...input);
    expect(line).toContain(message);
    expect(line).not.toContain('\n');
  });

  it('does not repeat a TURN password', () => {
    expect(fault(['--ice-server', 'turn:user:s3cret@host:1?x=y'])).not.toContain('s3cret');
  });
});

describe('values', () => {
  it('reads a TURN server without credentials, with the secret that makes them', () => {
    const config = load(['--ice-server', 'turn:t.example.org:3478'], { FRESHET_TURN_SECRET: 'x'.repeat(16) });
    expect(config).toMatchObject({ iceServers: [{ urls: 'turn:t.example.org:3478' }], turnTtlMinutes: 60 });
  });

  it('reads TURN credentials', () => {
    const config = load(['--ice-server', 'turns:us%3Aer:p%40ss@turn.example.org:5349?transport=tcp']);
    expect(config.iceServers).toEqual([
      { urls: 'turns:turn.example.org:5349?transport=tcp', username: 'us:er', credential: 'p@ss' },
    ]);
  });

  it.each([
    ['/', ''],
    ['freshet', '/freshet'],
    ['/a/b/', '/a/b'],
  ])('normalises the base path %s', (given, wanted) => {
    expect(load(['--base-path', given]).basePath).toBe(wanted);
  });

  it('removes the trailing slash of the public URL', () => {
    expect(load(['--public-url', 'https://h/x/']).publicUrl).toBe('https://h/x');
  });

  it('also accepts a list of sources in a file', () => {
    const files = { f: { sources: ['a=http://h/1'] } };
    expect(load(['--config', 'f'], {}, files).sources).toEqual([{ name: 'a', url: 'http://h/1' }]);
  });
});

it('takes any stream name from an object in the file', () => {
  const files = { 'f.json': { sources: { constructor: 'http://h/1', prototype: 'http://h/2' } } };
  const { sources } = load(['--config', 'f.json'], {}, files);
  expect(sources.map(({ name }) => name)).toEqual(['constructor', 'prototype']);
});

describe('--trust-proxy', () => {
  it('takes hops or ranges', () => {
    expect(load(['--trust-proxy', '2']).trustProxy).toBe(2);
    const trust = load(['--trust-proxy', '10.0.0.0/8, fd00::1']).trustProxy;
    if (typeof trust === 'number') throw new Error('ranges are not hops');
    expect(
      ['10.255.0.1', '::ffff:10.0.0.1', 'fd00::1', '11.0.0.1', 'fd00::2'].map((a) => trust(a, 0)),
    ).toEqual([...[true, true, true, false, false]]);
  });

  it.each(['11', '-1', '1.5', 'all', '10.0.0.0/33', ''])('refuses %j', (value) => {
    expect(fault([`--trust-proxy=${value}`])).toContain('neither a number of hops from 0 to 10');
  });
});
