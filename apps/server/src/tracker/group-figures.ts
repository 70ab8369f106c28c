import type { GroupFigures } from '@freshet/api';
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

/** @param viewers the number of viewers connected now */
export function summarise(viewers: number, experiences: readonly Experience[]): Required<GroupFigures> {
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
