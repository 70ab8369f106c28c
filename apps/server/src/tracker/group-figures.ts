import type { Millis } from '@freshet/protocol';

/** Viewers who watched for less say little about bitrate and stalls. */
const LEAST_MS = 20_000;

/** One viewer's experience, as it reports it. */
export interface Experience {
  readonly watchedMs: Millis;
  readonly stalls: number;
  readonly startupMs: Millis | undefined;
  readonly latencyMs: Millis | undefined;
  readonly playedBytes: number;
}

/** The experience of a group of viewers. Figures without any viewers are undefined. */
export interface GroupFigures {
  /** Viewers connected now. */
  readonly viewers: number;
  /** Viewers behind the figures below: those connected now and those who left lately. */
  readonly counted: number;
  readonly medianStartupMs: Millis | undefined;
  readonly medianLatencyMs: Millis | undefined;
  readonly medianKbps: number | undefined;
  readonly stallsPerHour: number | undefined;
  /** Among the viewers who watched for at least 20 s, 0 to 1. */
  readonly shareWithStall: number | undefined;
}

/** @param viewers the number of viewers connected now */
export function summarise(viewers: number, experiences: readonly Experience[]): GroupFigures {
  const stayed = experiences.filter(({ watchedMs }) => watchedMs >= LEAST_MS);
  const hours = stayed.reduce((sum, { watchedMs }) => sum + watchedMs, 0) / 3600_000;
  const stalls = stayed.reduce((sum, experience) => sum + experience.stalls, 0);
  const rates = stayed.filter(({ playedBytes }) => playedBytes > 0);
  return {
    viewers,
    counted: experiences.length,
    medianStartupMs: median(experiences.map(({ startupMs }) => startupMs)),
    medianLatencyMs: median(experiences.map(({ latencyMs }) => latencyMs)),
    medianKbps: median(rates.map(({ playedBytes, watchedMs }) => Math.round((playedBytes * 8) / watchedMs))),
    stallsPerHour: stayed.length === 0 ? undefined : stalls / hours,
    shareWithStall:
      stayed.length === 0
        ? undefined
        : stayed.filter((experience) => experience.stalls > 0).length / stayed.length,
  };
}

function median(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  return known[Math.floor(known.length / 2)];
}
