/**
 * `npm run setup`: the programs that the tests drive. Finds them, installs what is missing where it can (apt, as
 * root), else says in one line how to. Runs before anything is built, so it is plain Node without dependencies.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { withoutServiceStart } from './service-start.mjs';
import { findChromium, findFfmpeg, findIcecast, findNginx, findRtmpModule } from './tools.mjs';

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
];

const missing = () => NEEDED.filter(({ find }) => find() === undefined);

/** @param {readonly string[]} packages */
function install(packages) {
  /** @param {readonly string[]} args */
  const apt = (...args) =>
    spawnSync('apt-get', args, {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  // A stale package list may still serve, so a failed update alone is not the end.
  apt('update', '-qq');
  withoutServiceStart(() => apt('install', '-y', '-qq', '--no-install-recommends', ...packages));
}

const first = missing();
const packages = first.flatMap((need) => need.packages);
if (packages.length > 0 && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
  console.log(`Installing ${packages.join(', ')} …`);
  install(packages);
}

const still = missing();
for (const { what, packages: names, or } of still)
  console.error(
    `${what} is missing. Install it (Debian: sudo apt-get install ${names.join(' ')})${or === undefined ? '' : `, or ${or}`}.`,
  );
if (still.length > 0) process.exitCode = 1;
