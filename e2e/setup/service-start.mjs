import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Debian's installer runs this script before it starts the service of a package. Exit code 101 means "do not". */
const POLICY = '/usr/sbin/policy-rc.d';
const ASIDE = `${POLICY}.before-setup`;

/**
 * Runs `install` so that no package starts its service: Debian's nginx would listen on port 80 of every interface, and
 * the tests start their own on loopback. The machine's own policy is always restored.
 * @param {() => void} install synchronous.
 */
export function withoutServiceStart(install) {
  // If a killed run left ASIDE behind, that is the machine's own policy, and POLICY is ours.
  if (!existsSync(ASIDE) && existsSync(POLICY)) renameSync(POLICY, ASIDE);
  // Ctrl-C ends apt, which is in our process group. This process stays to restore the policy.
  const stay = () => undefined;
  process.on('SIGINT', stay);
  try {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    install();
  } finally {
    if (existsSync(ASIDE)) renameSync(ASIDE, POLICY);
    else rmSync(POLICY, { force: true });
    process.off('SIGINT', stay);
  }
}
