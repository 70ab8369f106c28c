import type { Millis } from '@freshet/protocol';
import { type Policy, SIGNALLING_PATH } from '@freshet/protocol';
import type { Logger } from 'pino';
import { AllowedSites } from './access/allowed-sites.ts';
import { AuthService } from './access/auth-service.ts';
import { reasonOf } from './access/denial.ts';
import { httpAccess } from './access/http-access.ts';
import { StreamAccess } from './access/stream-access.ts';
import type { Config } from './config/options.ts';
import { type RunningConsole, startConsole } from './control/start-console.ts';
import { Budgets } from './guard/budgets.ts';
import { limitConnections } from './guard/limit-connections.ts';
import { localUrl } from './http/addresses.ts';
import { createApp } from './http/app.ts';
import { listen, openWebServer } from './http/listen.ts';
import { openMetricsServer } from './http/metrics-server.ts';
import { OpenResponses } from './http/open-responses.ts';
import type { StatusParts } from './http/status.ts';
import { statusRight } from './http/status-right.ts';
import { ingestRouter } from './ingest/push/ingest-router.ts';
import { safeLog } from './log/safe-log.ts';
import { Metrics } from './metrics/metrics.ts';
import { rehearsalRouter } from './rehearsal/rehearsal-router.ts';
import { admissionBelow } from './relay/admission.ts';
import { relayRouter } from './relay/relay-router.ts';
import type { StreamDirectory } from './stream/stream-directory.ts';
import { Streams } from './streams.ts';
import { TurnCredentials } from './ice/turn-credentials.ts';
import { Tracker } from './tracker/tracker.ts';

/** The server's dependencies on its environment. Tests pass their own. */
export interface Surroundings {
  readonly log: Logger;
  /** Milliseconds on a monotonic clock. Default: the process's. */
  readonly now?: () => Millis;
  /** Milliseconds since 1970; read once, at the start. Default: the machine's. */
  readonly wallClock?: () => Millis;
  /** 0 to 1, as Math.random. */
  readonly random?: () => number;
  /** Folder of the built pages. Default: the build's output folder. */
  readonly pagesFolder?: string;
}

export interface RunningServer {
  /** The root URL as seen from this machine, with the base path, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** Of the listener for metrics, if it is another one. */
  readonly metricsPort: number | undefined;
  readonly directory: StreamDirectory;
  /** The console's token, if this start made it. It is shown only once. */
  readonly madeToken: string | undefined;
  /**
   * Drains: accepts no new connections, refuses joins, and lets running transfers finish for at most `drainSeconds`.
   * @returns the number of transfers that were cut
   */
  close(): Promise<number>;
}

/**
 * Starts the server and listens. @throws ConfigError, or StartError when it cannot listen on the address.
 */
export async function createServer(config: Config, surroundings: Surroundings): Promise<RunningServer> {
  const { now = () => performance.now(), random = Math.random, pagesFolder } = surroundings;
  const log = safeLog(surroundings.log);
  const startedAt = now();
  // The wall clock may be adjusted while the server runs; timelines must not jump with it.
  const wallStart = (surroundings.wallClock ?? Date.now)();
  const wallClock = () => wallStart + (now() - startedAt);

  // First, so that an unusable certificate is reported before anything starts.
  const httpServer = openWebServer(config);
  const metrics = new Metrics(now, { processFigures: true });
  const budgets = new Budgets({
    ...{ bits: { v4: config.prefixV4, v6: config.prefixV6 }, maxViewers: config.maxViewers, now },
    onRefused: (budget, shortage) => {
      metrics.countRefusedByBudget(budget, shortage);
    },
  });
  // A proxy's connections are not its viewers'.
  if (config.trustProxy === 0) limitConnections(httpServer, budgets);
  if (config.iceServers.some(({ credential }) => credential !== undefined))
    log.warn(
      'a password in --ice-server is given to every viewer and never expires: start the TURN server with use-auth-secret, set FRESHET_TURN_SECRET, and write --ice-server turn:host:3478',
    );
  const streams = await Streams.start({ config, wallClock, now, random, metrics, log });
  const { directory } = streams;
  const service =
    config.authUrl === undefined
      ? undefined
      : new AuthService(config.authUrl, now, (error) => {
          log.warn({ err: error }, 'no answer from --auth-url');
        });
  const access = new StreamAccess({
    rules: config.access,
    secret: config.tokenSecret,
    jwks: config.tokenJwks,
    service,
    now: wallClock,
    onFault: (error) => {
      log.warn({ err: error }, 'cannot read --token-jwks; the last keys stay in force');
    },
  });
  const publicSite = config.publicUrl === undefined ? undefined : new URL(config.publicUrl).origin;
  const sites = new AllowedSites(config.allowedOrigins, publicSite);
  let draining = false;
  const stopping = new AbortController();
  const openResponses = new OpenResponses();
  const control: RunningConsole | undefined =
    config.console === 'on'
      ? await startConsole({
          ...{ config, streams, access, authService: service, metrics, log, now, wallClock },
          tracker: (): Tracker => tracker,
          uptimeSeconds: () => (now() - startedAt) / 1000,
          localUrl: () => localUrl(config, port),
        })
      : undefined;
  const unlisted = new Set(config.unlisted);
  const status: StatusParts = {
    streams: () => directory.all(),
    isListed: (name) => !unlisted.has(name),
    viewers: (name) => tracker.viewers(name),
    isPerViewer: (name) => tracker.isPerViewer(name),
    metrics,
    isDraining: () => draining,
    uptimeSeconds: () => (now() - startedAt) / 1000,
  };
  const { metricsToken, metricsPort } = config;
  const metricsServer =
    metricsPort && openMetricsServer({ ...status, right: statusRight(metricsToken, 'all') });
  const app = createApp({
    ...status,
    right: statusRight(metricsToken, metricsPort === undefined ? 'public' : 'none'),
    config,
    log,
    relay: relayRouter({
      directory,
      originBytes: { add: metrics.countOriginBytes.bind(metrics) },
      budgets,
      stopping: stopping.signal,
      consent: config.consent,
      access: httpAccess(access, publicSite),
      sites,
      onDenied: (denial) => {
        metrics.countRefusedRequest(reasonOf(denial));
      },
      admission:
        config.egressLimitMbps === undefined
          ? undefined
          : admissionBelow(config.egressLimitMbps, now, (shortage) => {
              metrics.countRefusedRequest('egress-limit');
              budgets.refused('egress', shortage);
            }),
    }),
    ingest: ingestRouter(streams.pushes, service),
    streamNames: () => [...directory.all()].map(({ name }) => name).filter((name) => !unlisted.has(name)),
    control: control?.router,
    rehearsal: control === undefined ? undefined : rehearsalRouter(control.rehearsals),
    hasStream: (name) => directory.get(name) !== undefined,
    networkOf: (address) => budgets.prefixOf(address),
    ancestors: sites.ancestors,
    media: config.fallback === 'cdn' ? 'anywhere' : 'here',
    folder: pagesFolder,
  });
  // Added before the tracker: socket.io wraps the listeners that exist then, and passes on requests of other paths.
  httpServer.on('request', (request, response) => {
    openResponses.track(response);
    app(request, response);
  });
  const tracker: Tracker = new Tracker({
    httpServer,
    path: config.basePath + SIGNALLING_PATH,
    findStream: (name) => directory.get(name),
    policy: policyOf(config),
    sameNetwork: config.p2p === 'same-network',
    turn: turnOf(config, surroundings.wallClock ?? Date.now),
    sharing: (name) => control?.sharing(name),
    isRehearsalPass: (name, token) => control?.rehearsals.isPass(name, token) === true,
    access: (viewer) => access.join(viewer),
    sites,
    trustProxy: config.trustProxy,
    budgets,
    log,
    metrics,
    now,
    seed: Math.floor(random() * 2 ** 32),
  });
  metrics.setFigures(() =>
    [...directory.all()].map(({ name, state, bufferSeconds, buffer }) => ({
      stream: name,
      state,
      bufferSeconds,
      bufferBytes: buffer.bytes,
      bufferBytesLimit: buffer.bufferBytes,
      windowSeconds: buffer.windowSeconds,
      cutByBytes: buffer.cutByBytes,
      viewers: tracker.viewers(name),
      neighbours: tracker.links(name),
      links: tracker.view(name)?.links,
      perViewer: tracker.isPerViewer(name),
      spentBudgets: tracker.spentBudgets(name),
    })),
  );

  control?.open();

  const stop = async (): Promise<number> => {
    draining = true;
    const rehearsed = control?.close();
    stopping.abort();
    tracker.drain();
    const closed = new Promise((resolve) => httpServer.close(resolve));
    metricsServer?.close();
    metricsServer?.closeAllConnections();
    httpServer.closeIdleConnections();
    const cut = await openResponses.settle(config.drainSeconds * 1000);
    await streams.closeAll();
    // The tracker waits for the web server to close, and the web server for its connections: cut them first.
    const trackerClosed = tracker.close();
    httpServer.closeAllConnections();
    await Promise.all([trackerClosed, closed, rehearsed]);
    return cut;
  };

  let port: number;
  let measuredOn: number | undefined;
  try {
    port = await listen(httpServer, config);
    if (metricsServer !== undefined && metricsPort !== undefined)
      measuredOn = await listen(metricsServer, metricsPort);
  } catch (error) {
    httpServer.close();
    await Promise.all([control?.close(), streams.closeAll(), tracker.close()]);
    throw error;
  }
  let stopped: Promise<number> | undefined;
  return {
    url: localUrl(config, port),
    port,
    metricsPort: measuredOn,
    directory,
    madeToken: control?.madeToken,
    close: () => (stopped ??= stop()),
  };
}

function turnOf(
  { turnSecret, turnTtlMinutes }: Config,
  wallClock: () => Millis,
): TurnCredentials | undefined {
  if (turnSecret === undefined) return undefined;
  // The machine's clock, which the TURN server goes by as well, even when it is set while the server runs.
  return new TurnCredentials({ secret: turnSecret, ttlMs: turnTtlMinutes * 60_000, wallClock });
}

/** The policy that viewers receive when they join. */
function policyOf(config: Config): Policy {
  const { p2p, maxNeighbours, uploadLimitKbps, uploadBudgetMb, iceServers } = config;
  return {
    // Within one network viewers link as usual: the tracker introduces no others.
    mode: p2p === 'same-network' ? 'full' : p2p,
    maxNeighbours,
    uploadBudgetMb,
    iceServers,
    ...(uploadLimitKbps !== undefined && { uploadLimitKbps }),
  };
}
