import type { Sharing } from '@freshet/api';
import type { Millis, StreamName } from '@freshet/protocol';
import type { Router } from 'express';
import type { Logger } from 'pino';
import type { AuthService } from '../access/auth-service.ts';
import type { StreamAccess } from '../access/stream-access.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Config } from '../config/options.ts';
import { checkedSource } from '../config/source-kind.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { findChromium } from '../rehearsal/find-chromium.ts';
import { openHeadlessViewers } from '../rehearsal/headless-viewers.ts';
import { Rehearsals } from '../rehearsal/rehearsals.ts';
import type { Tracker } from '../tracker/tracker.ts';
import { AdminToken } from './admin-token.ts';
import { shownAddress } from '../util/shown-address.ts';
import { AuditLog } from './audit-log.ts';
import { ConsoleFile } from './console-file.ts';
import { ConsoleStreams, type StreamOpener } from './console-streams.ts';
import { controlRouter } from './control-router.ts';
import { GateKeeper } from './gate-keeper.ts';
import { Sessions } from './sessions.ts';
import { countsNow, type ReportParts } from './stream-report.ts';
import { SAMPLE_MS, TrafficHistory } from './traffic-history.ts';

export interface StartConsoleParts {
  readonly config: Pick<
    Config,
    'dataDir' | 'adminToken' | 'tlsCert' | 'publicUrl' | 'chromium' | 'iceServers'
  >;
  readonly streams: StreamOpener;
  readonly access: StreamAccess;
  /** Decides about sign-ins, beside the token. Default: only the token opens. */
  readonly authService?: AuthService | undefined;
  /** The tracker is made after the console, since it needs the web server, which serves the console. */
  readonly tracker: () => Tracker;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly now: () => Millis;
  /** Milliseconds since 1970. */
  readonly wallClock: () => Millis;
  readonly uptimeSeconds: () => number;
  /** The server's root as this machine reaches it, once it listens. Has no trailing slash. */
  readonly localUrl: () => string;
}

export interface RunningConsole {
  readonly router: Router;
  readonly rehearsals: Rehearsals;
  /** The token, if this start generated it. */
  readonly madeToken: string | undefined;
  /** The broadcaster's policy for a stream. */
  sharing(name: StreamName): Sharing | undefined;
  /** Opens the kept streams and starts the traffic history. */
  open(): void;
  close(): Promise<void>;
}

/** @throws ConfigError if the data folder cannot be used */
export async function startConsole(parts: StartConsoleParts): Promise<RunningConsole> {
  const { config, streams: opener, access, tracker, metrics, log, now, wallClock } = parts;
  const { file, token, made } = await openKept(config);
  access.restore(file.kept.revoked ?? []);
  const audit = await AuditLog.open({ dataDir: config.dataDir, wallClock, log });
  const history = new TrafficHistory();
  const figures: ReportParts = {
    stream: (name) => opener.directory.get(name),
    view: (name) => tracker().view(name),
    trace: (name) => tracker().trace(name),
    totals: (name) => metrics.totals.of(name),
    viewers: (name) => tracker().viewers(name),
    isPerViewer: (name) => tracker().isPerViewer(name),
  };
  const rehearsals = startRehearsals(parts, figures);
  const streams = new ConsoleStreams({
    file,
    opener,
    checkUrl: (url) => checkedSource(url, false),
    hasTurn: config.iceServers.some(({ urls }) => urls.startsWith('turn')),
    onSharing: (name, sharing) => {
      tracker().setSharing(name, sharing);
    },
    onClosed: (name) => {
      tracker().forget(name);
      rehearsals.forget(name).catch((error: unknown) => {
        log.error({ err: error, stream: name }, 'cannot end the rehearsal of a removed stream');
      });
    },
    log,
  });
  const secure = config.tlsCert !== undefined || config.publicUrl?.startsWith('https:') === true;
  const gate = new GateKeeper({
    ...{ token, sessions: new Sessions(now), secure, now },
    onAttempt: (request, outcome) => {
      const network = shownAddress(request.ip, 'prefix') ?? '';
      if (outcome === 'right') audit.add({ network, action: 'sign-in' });
      else {
        metrics.countRefusedLogin(outcome);
        audit.addRefused(network);
      }
    },
    permits: (address, given) =>
      parts.authService?.ask({
        ...{ user: '', password: given, token: given, ip: address, action: 'console', path: '' },
        ...{ protocol: 'http', id: '', query: '' },
      }) ?? Promise.resolve('no'),
  });
  let timer: NodeJS.Timeout | undefined;
  return {
    rehearsals,
    router: controlRouter({
      ...{ ...figures, file, streams, history, rehearsals, access, gate, audit, log },
      uptimeSeconds: parts.uptimeSeconds,
    }),
    madeToken: made,
    sharing: (name) => file.sharing(name),
    open: () => {
      streams.openKept();
      timer = setInterval(() => {
        for (const { name } of opener.directory.all())
          history.sample(name, countsNow(name, figures), wallClock());
      }, SAMPLE_MS).unref();
    },
    close: async () => {
      clearInterval(timer);
      await Promise.all([rehearsals.close(), audit.written]);
    },
  };
}

function startRehearsals(
  { config, log, now, localUrl }: StartConsoleParts,
  figures: ReportParts,
): Rehearsals {
  const file = findChromium(config.chromium);
  return new Rehearsals({
    openHeadless:
      file === undefined
        ? undefined
        : (stream, count) =>
            openHeadlessViewers({ file, count, log, url: `${localUrl()}/rehearse/${stream}?now` }),
    counted: (stream) => ({
      ...figures.totals(stream),
      peerBytes: figures.view(stream)?.totals.peerBytes ?? 0,
    }),
    watching: (stream) => ({
      all: figures.viewers(stream),
      rehearsing: figures.view(stream)?.groups().rehearsing.viewers ?? 0,
    }),
    experiences: (stream) => figures.view(stream)?.experiences('rehearsing') ?? [],
    forget: (stream) => figures.view(stream)?.forgetLeft('rehearsing'),
    ...{ now, log },
  });
}

async function openKept({ dataDir, adminToken }: StartConsoleParts['config']) {
  try {
    const file = await ConsoleFile.open(dataDir);
    return { file, ...(await AdminToken.open(adminToken, dataDir)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`--data-dir: ${reason}`);
  }
}
