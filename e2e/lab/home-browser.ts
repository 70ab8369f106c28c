import { chmod, writeFile } from 'node:fs/promises';
import { type Browser, chromium } from '@playwright/test';
import { findHeadlessShell } from '../setup/tools.mjs';
import { chromiumOptions } from '../src/harness/chromium.ts';
import { LAB_FOLDER, NICENESS, SESSION_NICENESS } from './net/enclosure.ts';
import { homeNames } from './net/network.ts';

/** The first sound starts a process for it, in the middle of the player's start: 0.2 s on a quiet machine. */
const DISABLED = ['AudioServiceOutOfProcess'];

/**
 * Page, network and drawing in one process, as threads. What they do is the same, but each packet of a data channel and
 * each read of a response no longer goes through a socket between two processes: a sixth of what a home costs.
 */
const ONE_PROCESS = ['--single-process', '--no-zygote'];

/**
 * Chromium on a home's machine, without a user interface where there is one of that kind: the engine is the same, and
 * with six whole browsers two cores are busy with toolbars that nobody sees.
 * @param secureOrigins pages of these are treated as if they came over https, as real ones do: else they have no
 * `crypto.subtle`.
 * @param visits how many pages it will have, each in a context of its own.
 */
export async function startHomeBrowser(
  index: number,
  secureOrigins: readonly string[],
  visits: 'one' | 'several',
): Promise<Browser> {
  const { executablePath = '', args = [], ...options } = chromiumOptions(DISABLED);
  const shell = findHeadlessShell();
  const program = shell ?? executablePath;
  // The whole browser is not made for it, and a second page's context ends it.
  const oneProcess = shell !== undefined && visits === 'one' ? ONE_PROCESS : [];
  const { machine } = homeNames(index);
  const script = `${LAB_FOLDER}/chromium-${machine}`;
  // As on its user's machine Chromium has no right to put its threads before others: its network would come last.
  const command = `ip netns exec ${machine} setpriv --bounding-set -sys_nice "${program}" "$@"`;
  // Each browser has a session of its own.
  const first = `test ! -e ${SESSION_NICENESS} || echo ${NICENESS} >${SESSION_NICENESS}`;
  await writeFile(script, `#!/bin/sh\n${first}\nexec ${command}\n`);
  await chmod(script, 0o755);
  return chromium.launch({
    ...options,
    executablePath: script,
    args: [...args, ...oneProcess, `--unsafely-treat-insecure-origin-as-secure=${secureOrigins.join(',')}`],
  });
}
