import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Daemons live in sbin, which an ordinary user's PATH may lack. */
const DAEMON_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'];

const RTMP_MODULES = [
  '/usr/lib/nginx/modules/ngx_rtmp_module.so',
  '/usr/lib64/nginx/modules/ngx_rtmp_module.so',
  '/usr/local/lib/nginx/modules/ngx_rtmp_module.so',
];

/**
 * `CHROMIUM_PATH`, else Chromium or Chrome on the PATH.
 * @returns {string | undefined} an executable file.
 */
export function findChromium() {
  return (
    executable(process.env['CHROMIUM_PATH']) ??
    onPath('chromium') ??
    onPath('chromium-browser') ??
    onPath('google-chrome')
  );
}

/**
 * @param {'ffmpeg' | 'ffprobe'} name
 * @returns {string | undefined} an executable file.
 */
export function findFfmpeg(name) {
  return onPath(name);
}

/** @returns {string | undefined} an executable file. */
export function findNginx() {
  return executable(process.env['NGINX_PATH']) ?? onPath('nginx', DAEMON_FOLDERS);
}

/**
 * `ICECAST_PATH`, else Icecast on the PATH: Debian calls it icecast2.
 * @returns {string | undefined} an executable file.
 */
export function findIcecast() {
  return executable(process.env['ICECAST_PATH']) ?? onPath('icecast2') ?? onPath('icecast');
}

/**
 * Chromium without its user interface. It takes a fifth of the full browser's processor time to start.
 * @returns {string | undefined} an executable file.
 */
export function findHeadlessShell() {
  return onPath('chromium-headless-shell');
}

/**
 * coturn, a STUN and TURN server.
 * @returns {string | undefined} an executable file.
 */
export function findTurnServer() {
  return onPath('turnserver', DAEMON_FOLDERS);
}

/**
 * nginx's RTMP module: `NGINX_RTMP_MODULE`, else where distributions put it.
 * @returns {string | undefined} a shared library for `load_module`.
 */
export function findRtmpModule() {
  return [process.env['NGINX_RTMP_MODULE'], ...RTMP_MODULES].find(
    (path) => path !== undefined && isFile(path),
  );
}

/**
 * A program that the lab's network needs besides coturn.
 * @param {'ip' | 'iptables' | 'gcc' | 'setpriv' | 'unshare'} name
 * @returns {string | undefined} an executable file.
 */
export function findNetworkTool(name) {
  return onPath(name, DAEMON_FOLDERS);
}

/**
 * Why this machine cannot run the lab of home lines, whatever is installed on it.
 * @returns {string | undefined} the end of a sentence; undefined when it can.
 */
export function labObstacle() {
  if (process.platform !== 'linux') return 'it requires Linux';
  if (process.getuid?.() !== 0) return 'it requires root';
  if (!existsSync('/dev/net/tun')) return 'it requires /dev/net/tun';
  const { status } = spawnSync('unshare', ['--net', '--mount', '--pid', '--fork', '--mount-proc', 'true']);
  return status === 0 ? undefined : 'it requires permission to create network, mount and process namespaces';
}

/**
 * @param {string} name
 * @param {readonly string[]} [more] folders to search after those of the PATH.
 */
function onPath(name, more = []) {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...more]) {
    const found = folder === '' ? undefined : executable(join(folder, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @param {string | undefined} path */
function executable(path) {
  if (path === undefined || path === '' || !isFile(path)) return undefined;
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

/** @param {string} path */
function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
