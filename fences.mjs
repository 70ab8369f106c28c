/**
 * Two tables of allowed imports, between packages and between the folders of a package. `eslint.config.js` makes rules
 * of them. Tests, and folders that only tests use, may import everything.
 */
import path from 'node:path';

/** @type {Readonly<Record<string, readonly string[]>>} */
const PACKAGES = {
  'packages/protocol': [],
  'packages/api': ['packages/protocol'],
  'packages/swarm': ['packages/protocol'],
  'packages/client': ['packages/protocol', 'packages/swarm'],
  'packages/simulator': ['packages/protocol', 'packages/swarm'],
  'packages/testkit': ['packages/protocol', 'packages/swarm', 'packages/simulator'],
  'packages/ui': [],
  'apps/server': ['packages/protocol', 'packages/api', 'packages/swarm'],
  'apps/viewer': ['packages/protocol', 'packages/client', 'packages/ui'],
  'apps/console': ['packages/api', 'packages/simulator', 'packages/ui'],
};

/**
 * The folders of a package, each with the folders that it may import besides itself. `x` means the files directly in
 * folder x, `x/**` also those below it, and a name with `.ts` means files of the root.
 * @type {Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>}
 */
const FOLDERS = {
  'packages/client/src': {
    'api.ts': [],
    util: [],
    store: ['util'],
    origin: ['store', 'util'],
    tracker: ['origin', 'util'],
    peers: ['api.ts', 'store', 'util'],
    hlsjs: ['api.ts', 'origin', 'util'],
    session: ['api.ts', 'hlsjs', 'origin', 'peers', 'store', 'tracker', 'util'],
    '{freshet,index}.ts': ['api.ts', 'hlsjs', 'origin', 'peers', 'session', 'store', 'util'],
  },
  'packages/swarm/src': {
    util: [],
    'tracker/api': [],
    'tracker/cells': [],
    'tracker/injections': ['tracker/api', 'tracker/cells'],
    tracker: ['tracker/api', 'tracker/cells', 'tracker/injections', 'util'],
    egress: ['tracker/injections'],
    'peer/api': [],
    'peer/segments': ['peer/api'],
    'peer/estimates': ['peer/segments'],
    'peer/neighbours': ['peer/api', 'peer/estimates', 'peer/segments'],
    'peer/requests': ['peer/api', 'peer/estimates', 'peer/neighbours', 'peer/segments'],
    'peer/origin': ['peer/api', 'peer/estimates', 'peer/neighbours', 'peer/requests', 'peer/segments'],
    'peer/uplink': ['peer/api', 'peer/neighbours', 'peer/segments'],
    peer: [
      'peer/api',
      'peer/estimates',
      'peer/neighbours',
      'peer/origin',
      'peer/requests',
      'peer/segments',
      'peer/uplink',
    ],
    trace: ['peer', 'tracker'],
    'index.ts': ['egress', 'peer', 'peer/api', 'trace', 'tracker', 'tracker/api', 'util'],
  },
  'apps/server/src': {
    util: [],
    log: [],
    config: ['util'],
    guard: ['util'],
    mp4: [],
    buffer: [],
    stream: ['buffer', 'util'],
    'source/playlist': ['buffer', 'stream'],
    'source/fetch': ['source/playlist', 'buffer', 'stream'],
    'source/plan': ['source/playlist', 'stream'],
    'source/parts': ['source/playlist', 'source/fetch', 'source/plan', 'buffer'],
    source: ['source/playlist', 'source/fetch', 'source/plan', 'source/parts', 'buffer', 'guard', 'stream'],
    'ingest/upload': ['source/playlist', 'source/fetch', 'stream', 'mp4'],
    'ingest/push': ['access', 'ingest/upload', 'source', 'stream', 'util'],
    'ingest/ffmpeg': ['ingest/upload', 'source', 'source/fetch', 'stream', 'mp4', 'config', 'util'],
    ingest: ['source/fetch', 'stream', 'config'],
    demo: ['buffer', 'stream', 'mp4'],
    access: [],
    relay: ['access', 'buffer', 'guard', 'stream'],
    ice: [],
    tracker: ['access', 'buffer', 'guard', 'ice', 'stream', 'util'],
    metrics: ['guard', 'stream', 'tracker'],
    http: ['config', 'guard', 'log', 'metrics', 'stream', 'util'],
    rehearsal: ['http', 'tracker', 'util'],
    control: ['access', 'config', 'http', 'log', 'metrics', 'rehearsal', 'stream', 'tracker', 'util'],
    'streams.ts': [
      ...['config', 'demo', 'ingest', 'ingest/ffmpeg', 'ingest/push', 'metrics', 'source', 'source/fetch'],
      'stream',
    ],
    '{main,server}.ts': [
      'access',
      'ingest/push',
      'streams.ts',
      'config',
      'control',
      'guard',
      'http',
      'ice',
      'log',
      'metrics',
      'rehearsal',
      'relay',
      'stream',
      'tracker',
    ],
  },
};

/** Only tests use these. */
export const OUTSIDE = ['**/*.test.ts', '**/testing/**', 'packages/swarm/src/lab/**'];

/** For `import-x/no-restricted-paths`. */
export function zones() {
  const folders = Object.entries(FOLDERS).flatMap(([src, table]) =>
    zonesOf(table, (folder) =>
      path.posix.join(src, folder.endsWith('.ts') ? `@(${folder})` : `${folder}/*.ts`),
    ),
  );
  return [...zonesOf(PACKAGES, (folder) => `${folder}/**/*.ts`), ...folders];
}

function zonesOf(table, globOf) {
  const folders = Object.keys(table);
  const zones = Object.entries(table).map(([folder, allowed]) => ({
    target: globOf(folder),
    from: folders.filter((other) => other !== folder && !allowed.includes(other)).map(globOf),
    message: `${folder} may import ${allowed.join(', ') || 'no other'}, says fences.mjs.`,
  }));
  return zones.filter(({ from }) => from.length > 0);
}
