/**
 * `npm run setup` finds the programs that the tests drive. It installs missing programs where it can (apt, as root),
 * and otherwise prints how to in one line. It runs before anything is built, so it is plain Node without dependencies.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { withoutServiceStart } from './service-start.mjs';
import {
  findChromium,
  findFfmpeg,
  findHeadlessShell,
  findIcecast,
  findNetworkTool,
  findNginx,
  findRtmpModule,
  findTurnServer,
  labObstacle,
} from './tools.mjs';

/** @typedef {{ what: string, find: () => string | undefined, packages: readonly string[], or?: string }} Need */

/**
 * Programs of the lab of home lines, needed only where the lab can run.
 * @type {readonly Need[]}
 */
const LAB = [
  { what: 'iproute2', find: () => findNetworkTool('ip'), packages: ['iproute2'] },
  { what: 'iptables', find: () => findNetworkTool('iptables'), packages: ['iptables'] },
  { what: 'a C compiler', find: () => findNetworkTool('gcc'), packages: ['gcc', 'libc6-dev'] },
  {
    what: 'util-linux',
    find: () => findNetworkTool('unshare') && findNetworkTool('setpriv'),
    packages: ['util-linux'],
  },
];
/** Lighter than Chromium, which the lab uses where a distribution has no such package. */
const LIGHTER = 'chromium-headless-shell';

const obstacle = labObstacle();
if (obstacle !== undefined) console.log(`The lab of home lines is skipped here: ${obstacle}.`);

/** @type {readonly Need[]} */
const NEEDED = [
  { what: 'Chromium', find: findChromium, packages: ['chromium'], or: 'set CHROMIUM_PATH' },
  { what: 'ffmpeg', find: () => findFfmpeg('ffmpeg') && findFfmpeg('ffprobe'), packages: ['ffmpeg'] },
  {
    what: 'nginx with its RTMP module',
    find: () => findNginx() && findRtmpModule(),
    packages: ['nginx', 'libnginx-mod-rtmp'],
    or: 'set NGINX_PATH and NGINX_RTMP_MODULE',
  },
  { what: 'Icecast', find: findIcecast, packages: ['icecast2'], or: 'set ICECAST_PATH' },
  { what: 'coturn', find: findTurnServer, packages: ['coturn'] },
  ...(obstacle === undefined ? LAB : []),
];

const missing = () => NEEDED.filter(({ find }) => find() === undefined);

/** @param {string} name */
function hasPackage(name) {
  return spawnSync('apt-cache', ['show', name]).status === 0;
}

/** @param {readonly string[]} packages */
function install(packages) {
  /** @param {readonly string[]} args */
  const apt = (...args) =>
    spawnSync('apt-get', args, {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  // A stale package list may suffice, so a failed update alone is no error.
  apt('update', '-qq');
  withoutServiceStart(() => apt('install', '-y', '-qq', '--no-install-recommends', ...packages));
}

if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
  const packages = missing().flatMap((need) => need.packages);
  if (packages.length > 0) {
    console.log(`Installing ${packages.join(', ')} …`);
    install(packages);
  }
  if (obstacle === undefined && findHeadlessShell() === undefined && hasPackage(LIGHTER)) {
    console.log(`Installing ${LIGHTER} …`);
    install([LIGHTER]);
  }
}

const still = missing();
for (const { what, packages: names, or } of still)
  console.error(
    `${what} is missing. Install it (Debian: sudo apt-get install ${names.join(' ')})${or === undefined ? '' : `, or ${or}`}.`,
  );
if (still.length > 0) process.exitCode = 1;
