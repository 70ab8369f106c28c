#!/usr/bin/env node
import { destination, pino } from 'pino';
import { ConfigError } from './config/config-error.ts';
import { loadConfig } from './config/load-config.ts';
import { greeting } from './http/addresses.ts';
import { StartError } from './http/listen.ts';
import { safeLog } from './log/safe-log.ts';
import { surviveDefects } from './log/survive-defects.ts';
import { createServer } from './server.ts';

/** Under `npm start` one Ctrl-C arrives twice: from the terminal, and passed on by npm. */
const SIGNAL_ECHO_MS = 500;

// `… | head` closes the pipe. Keep serving when nothing reads standard output any more.
process.stdout.on('error', () => undefined);

/** Exit codes: 0 stopped on request, 1 could not start or failed, 2 invalid settings. */
try {
  await main();
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof StartError)) throw error;
  process.stderr.write(`freshet: ${error.message}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}

async function main(): Promise<void> {
  const config = loadConfig({ argv: process.argv.slice(2), env: process.env });
  if (config === undefined) return;
  // Synchronous, so that the last lines before an exit are not lost.
  const log = safeLog(pino({ level: config.logLevel }, destination({ dest: 2, sync: true })));
  const server = await createServer(config, { log });
  const streams = [...server.directory.all()].map(({ name }) => name);
  process.stdout.write(`${greeting({ config, port: server.port, streams, madeToken: server.madeToken })}\n`);

  surviveDefects(log);
  let firstSignalAt: number | undefined;
  const stop = (signal: NodeJS.Signals) => {
    if (firstSignalAt !== undefined) {
      if (performance.now() - firstSignalAt < SIGNAL_ECHO_MS) return;
      log.warn({ signal }, 'second signal: exiting immediately');
      process.exit(1);
    }
    firstSignalAt = performance.now();
    log.info({ signal, drainSeconds: config.drainSeconds }, 'stopping: no new viewers, finishing transfers');
    server.close().then(
      (cut) => {
        log.info({ cut }, 'stopped');
        process.exit(0);
      },
      (error: unknown) => {
        log.fatal({ err: error }, 'cannot stop in order');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
