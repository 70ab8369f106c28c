import { accessSync, constants, statSync } from 'node:fs';
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
 * nginx's RTMP module: `NGINX_RTMP_MODULE`, else where distributions put it.
 * @returns {string | undefined} a shared library for `load_module`.
 */
export function findRtmpModule() {
  return [process.env['NGINX_RTMP_MODULE'], ...RTMP_MODULES].find(
    (path) => path !== undefined && isFile(path),
  );
}

/**
 * @param {string} name
 * @param {readonly string[]} [more] folders to look into after those of the PATH.
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
