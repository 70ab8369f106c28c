import { chmod, writeFile } from 'node:fs/promises';
import { type Browser, chromium } from '@playwright/test';
import { findHeadlessShell } from '../setup/tools.mjs';
import { chromiumOptions } from '../src/harness/viewers/chromium.ts';
import { LAB_FOLDER, NICENESS, SESSION_NICENESS } from './net/enclosure.ts';
import { homeNames } from './net/network.ts';

/** Chromium starts this process at the first sound, while the player starts: 0.2 s on a quiet machine. */
const DISABLED = ['AudioServiceOutOfProcess'];

/**
 * Runs page, network and drawing as threads of one process. They do the same work, but packets of data channels and
 * reads of responses no longer pass through a socket between two processes. That saves a sixth of a home's cost.
 */
const ONE_PROCESS = ['--single-process', '--no-zygote'];

/**
 * Starts Chromium on a home's machine, without its user interface where such a build is installed. The engine is the
 * same, and the toolbars of six full browsers, which nobody sees, would keep two cores busy.
 * @param secureOrigins origins whose pages count as loaded over https, as real ones are. Otherwise they have no
 * `crypto.subtle`.
 * @param visits number of pages that the browser will open, each in its own context.
 */
export async function startHomeBrowser(
  index: number,
  secureOrigins: readonly string[],
  visits: 'one' | 'several',
): Promise<Browser> {
  const { executablePath = '', args = [], ...options } = chromiumOptions(DISABLED);
  const shell = findHeadlessShell();
  const program = shell ?? executablePath;
  // The full browser does not support one process, and in one process the context of a second page ends the browser.
  const oneProcess = shell !== undefined && visits === 'one' ? ONE_PROCESS : [];
  const { machine } = homeNames(index);
  const script = `${LAB_FOLDER}/chromium-${machine}`;
  // As on a user's machine, Chromium may not raise the priority of its threads. Otherwise its network would come last.
  const command = `ip netns exec ${machine} setpriv --bounding-set -sys_nice "${program}" "$@"`;
  // Each browser has its own session.
  const first = `test ! -e ${SESSION_NICENESS} || echo ${NICENESS} >${SESSION_NICENESS}`;
  await writeFile(script, `#!/bin/sh\n${first}\nexec ${command}\n`);
  await chmod(script, 0o755);
  return chromium.launch({
    ...options,
    executablePath: script,
    args: [...args, ...oneProcess, `--unsafely-treat-insecure-origin-as-secure=${secureOrigins.join(',')}`],
  });
}
