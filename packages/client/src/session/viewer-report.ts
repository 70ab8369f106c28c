import { type Join, LIMITS, type Report } from '@freshet/protocol';
import type { PeerCore } from '@freshet/swarm';
import type { PeerLinks } from '../peers/peer-links.ts';
import type { Counters } from './counters.ts';
import type { FollowedRenditions } from './followed-renditions.ts';
import { isCellular } from './upload-permission.ts';

export interface PlaybackFigures {
  readonly meter: { readonly stalls: number; readonly startupMs: number | undefined };
  readonly latencySeconds: number | undefined;
}

/** The fields that a report and a join have in common. */
export function describeViewer(
  core: Pick<PeerCore, 'neighbours' | 'uploading'>,
  followed: Pick<FollowedRenditions, 'renditions'>,
): Pick<Join, 'neighbours' | 'renditions' | 'uploads' | 'cellular'> {
  return {
    neighbours: [...core.neighbours],
    renditions: [...followed.renditions],
    uploads: core.uploading,
    cellular: isCellular(),
  };
}

/** What this viewer reports about itself to the tracker. */
export function reportOf(
  core: Pick<PeerCore, 'neighbours' | 'uploading' | 'seeking' | 'uplinkKbps' | 'lateInjections'>,
  followed: Pick<FollowedRenditions, 'renditions'>,
  { kinds, dialled }: Pick<PeerLinks, 'kinds' | 'dialled'>,
  { peerBytes, originBytes, uploadedBytes, playedBytes }: Counters,
  { meter: { stalls, startupMs }, latencySeconds }: PlaybackFigures,
): Report {
  const { seeking, uplinkKbps, lateInjections } = core;
  return {
    ...describeViewer(core, followed),
    seeking,
    peerBytes,
    originBytes,
    uploadedBytes,
    playedBytes,
    stalls,
    lateInjections,
    links: kinds,
    dialled,
    ...(startupMs !== undefined && { startupMs: Math.round(startupMs) }),
    // In tenths of a second: a finer figure would change with every report.
    ...(latencySeconds !== undefined && { latencyMs: Math.max(0, Math.round(latencySeconds * 10)) * 100 }),
    ...(uplinkKbps !== undefined && { uplinkKbps: Math.min(uplinkKbps, LIMITS.uplinkKbps) }),
  };
}
