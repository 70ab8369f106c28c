import type { LabOrigin } from '../network/lab-origin.ts';
import type { LabSource } from '../source/lab-source.ts';
import type { LabViewer } from './lab-viewer.ts';

/** The totals of a swarm since its start. Bytes are those of segments only. */
export interface SwarmFigures {
  readonly publishedBytes: number;
  readonly originBytes: number;
  /** Bytes that players buffered. */
  readonly bufferedBytes: number;
  readonly peerBytes: number;
  /** Bytes that came from peers and were of no use. */
  readonly spareBytes: number;
  readonly badBytes: number;
  readonly stalls: number;
  readonly skips: number;
  readonly failures: number;
}

interface Measured {
  readonly origin: LabOrigin;
  readonly source: LabSource;
  readonly viewers: readonly LabViewer[];
}

export function takeFigures({ origin, source, viewers }: Measured): SwarmFigures {
  const sum = (of: (viewer: LabViewer) => number) => viewers.reduce((total, viewer) => total + of(viewer), 0);
  return {
    publishedBytes: source.publishedBytes,
    originBytes: origin.segmentBytes,
    bufferedBytes: sum(({ player }) => player.bufferedBytes),
    peerBytes: sum(({ links }) => links.goodBytes),
    spareBytes: sum(({ links }) => links.spareBytes),
    badBytes: sum(({ links }) => links.badBytes),
    stalls: sum(({ player }) => player.stalls),
    skips: sum(({ player }) => player.skips),
    failures: sum(({ player }) => player.failures),
  };
}

/** The same totals between two times of the run. */
export function figuresSince(start: SwarmFigures, end: SwarmFigures): SwarmFigures {
  const since = (of: (figures: SwarmFigures) => number) => of(end) - of(start);
  return {
    publishedBytes: since((f) => f.publishedBytes),
    originBytes: since((f) => f.originBytes),
    bufferedBytes: since((f) => f.bufferedBytes),
    peerBytes: since((f) => f.peerBytes),
    spareBytes: since((f) => f.spareBytes),
    badBytes: since((f) => f.badBytes),
    stalls: since((f) => f.stalls),
    skips: since((f) => f.skips),
    failures: since((f) => f.failures),
  };
}

/** 1 - origin bytes / bytes that players buffered. */
export function offload({ originBytes, bufferedBytes }: SwarmFigures): number {
  return 1 - originBytes / bufferedBytes;
}

/** Origin bytes / bytes published. */
export function originCopies({ originBytes, publishedBytes }: SwarmFigures): number {
  return originBytes / publishedBytes;
}
