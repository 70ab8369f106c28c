/** `npm test`: runs all checks, the fast stages first. CI runs this. */
import { spawn } from 'node:child_process';
import { runStages, type Stage } from './stages.ts';

const STAGES: readonly Stage[] = [
  { name: 'programs', script: 'setup' },
  { name: 'format', script: 'format:check' },
  { name: 'types', script: 'types' },
  { name: 'lint', script: 'lint' },
  { name: 'unused code', script: 'knip' },
  { name: 'unit tests', script: 'unit' },
  { name: 'integration tests', script: 'integration' },
  { name: 'simulations', script: 'sim:check' },
  { name: 'pages', script: 'build:pages' },
  { name: 'examples', script: 'examples' },
  { name: 'browser tests', script: 'e2e' },
];

function run(script: string): Promise<number> {
  const child = spawn('npm', ['run', '--silent', script], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
}

const runs = await runStages(STAGES, {
  run,
  now: () => performance.now(),
  print: (line) => {
    console.log(line);
  },
});
process.exitCode = runs.at(-1)?.exitCode ?? 0;
