import { type Request, Router } from 'express';
import type { StreamName } from '@freshet/protocol';
import type { Metrics } from '../metrics/metrics.ts';
import type { LiveStream } from '../stream/live-stream.ts';
import { anyOrigin } from './security-headers.ts';
import type { StatusRight } from './status-right.ts';

export interface StatusParts {
  readonly streams: () => Iterable<
    Pick<LiveStream, 'name' | 'state' | 'problem' | 'bufferSeconds' | 'buffer'>
  >;
  /** Whether a stream may be named to everybody. Default: all may. */
  readonly isListed?: ((stream: StreamName) => boolean) | undefined;
  /** What a request may see of `/metrics` and `/healthz`. Default: what is public. */
  readonly right?: ((request: Request) => StatusRight) | undefined;
  readonly viewers: (stream: StreamName) => number;
  /** Whether sharing is off because the stream's segments differ from viewer to viewer. */
  readonly isPerViewer: (stream: StreamName) => boolean;
  readonly metrics: Metrics;
  readonly isDraining: () => boolean;
  readonly uptimeSeconds: () => number;
}

/**
 * For probes and dashboards:
 * `/healthz` answers 200 as long as this server works, even while a source is down, and 503 while it shuts down.
 * `/metrics` uses Prometheus' text format. `/api/streams` lists the streams.
 */
export function statusRouter(parts: StatusParts): Router {
  const { streams, isListed = () => true, viewers } = parts;
  const router = metricsRouter(parts);
  router.get('/api/streams', anyOrigin, (_request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    const listed = [...streams()].filter(({ name }) => isListed(name));
    response.json({
      streams: listed.map(({ name, state }) => ({
        name,
        state,
        viewers: viewers(name),
        // Relative to the server's root, so that it works below a base path and behind any proxy.
        playlist: `live/${name}/index.m3u8`,
      })),
    });
  });
  return router;
}

/** `/healthz` and `/metrics`, which may have a port of their own. */
export function metricsRouter({
  streams,
  isListed = () => true,
  right = () => 'public',
  viewers,
  isPerViewer,
  metrics,
  isDraining,
  uptimeSeconds,
}: StatusParts): Router {
  const router = Router();

  router.get('/healthz', (request, response) => {
    const seen = right(request);
    const draining = isDraining();
    response.setHeader('Cache-Control', 'no-store');
    response.status(draining ? 503 : 200);
    if (seen === 'none') {
      response.json({ ok: !draining });
      return;
    }
    const shown = [...streams()].filter(({ name }) => seen === 'all' || isListed(name));
    response.json({
      ok: !draining,
      draining,
      uptimeSeconds: Math.round(uptimeSeconds()),
      streams: shown.map((stream) => ({
        name: stream.name,
        state: stream.state,
        // The reason only: ffmpeg's full message is for the operator's log.
        ...(stream.problem !== undefined && { problem: stream.problem.reason }),
        bufferSeconds: Math.round(stream.bufferSeconds * 10) / 10,
        windowSeconds: Math.round(stream.buffer.windowSeconds * 10) / 10,
        windowCutBy: stream.buffer.cutByBytes ? 'bytes' : 'time',
        viewers: viewers(stream.name),
        sharing: isPerViewer(stream.name) ? 'off: segments differ from viewer to viewer' : 'as configured',
      })),
    });
  });

  router.get('/metrics', async (request, response) => {
    const seen = right(request);
    response.setHeader('Cache-Control', 'no-store');
    if (seen === 'none') {
      response.setHeader('WWW-Authenticate', 'Bearer');
      response.status(401).type('text/plain').send('/metrics needs its token, or is on a port of its own.\n');
      return;
    }
    const text = await metrics.registry.metrics();
    response.type(metrics.registry.contentType).send(seen === 'all' ? text : listedOnly(text, isListed));
  });

  return router;
}

/** Leaves out the series of unlisted streams. */
function listedOnly(text: string, isListed: (stream: StreamName) => boolean): string {
  return text
    .split('\n')
    .filter((line) => {
      const stream = /[{,]stream="([^"]*)"/.exec(line)?.[1];
      return stream === undefined || isListed(stream);
    })
    .join('\n');
}
