import { Router } from 'express';
import type { StreamName } from '@freshet/protocol';
import type { Metrics } from '../metrics/metrics.ts';
import type { LiveStream } from '../stream/live-stream.ts';
import { anyOrigin } from './security-headers.ts';

export interface StatusParts {
  readonly streams: () => Iterable<
    Pick<LiveStream, 'name' | 'state' | 'problem' | 'bufferSeconds' | 'buffer'>
  >;
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
export function statusRouter({
  streams,
  viewers,
  isPerViewer,
  metrics,
  isDraining,
  uptimeSeconds,
}: StatusParts): Router {
  const router = Router();

  router.get('/healthz', (_request, response) => {
    const draining = isDraining();
    response.setHeader('Cache-Control', 'no-store');
    response.status(draining ? 503 : 200).json({
      ok: !draining,
      draining,
      uptimeSeconds: Math.round(uptimeSeconds()),
      streams: [...streams()].map((stream) => ({
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

  router.get('/metrics', async (_request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });

  router.get('/api/streams', anyOrigin, (_request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    response.json({
      streams: [...streams()].map(({ name, state }) => ({
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
