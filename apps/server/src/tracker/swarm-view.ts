import {
  type Group,
  type GroupFigures,
  GROUPS,
  type Link,
  type LinksByKind,
  type Viewer as ViewerRow,
} from '@freshet/api';
import type { Millis, PeerId, Report } from '@freshet/protocol';
import { Ring } from '../util/ring.ts';
import { type Experience, summarise } from './group-figures.ts';
import { connectTimes, linksOf, meanConnectMs, sumLinks } from './link-figures.ts';

/** Viewers who left and still count in their group's figures; the oldest goes. */
const REMEMBERED = 1000;
/** A report cannot be believed to hold more than this since the one before. */
const MOST_BYTES = 64e6;
/** A viewer counts as an injector so long after it was last named. */
const INJECTOR_MS = 4000;
/** A rate is a mean over about this. */
const RATE_MS = 5000;
/** A viewer that says nothing any more takes and gives nothing any more. */
const SILENT_MS = 10_000;

interface Viewer {
  readonly group: Group;
  readonly joinedAt: Millis;
  report: Report | undefined;
  reportedAt: Millis;
  takenKbps: number;
  originKbps: number;
  givenKbps: number;
  injectedAt: Millis | undefined;
}

/** All of it is what viewers say of themselves. */
export interface SwarmTotals {
  readonly peerBytes: number;
  /**
   * What the server need not have sent: `peerBytes`, without those of rehearsals, for which nobody would have paid, and at
   * most what the server knows: all that was there to be taken while viewers were connected.
   */
  readonly savedBytes: number;
  readonly stalls: number;
}

/** What viewers of one stream say of themselves, for the console. */
export class SwarmView {
  readonly #now: () => Millis;
  readonly #onConnected: (ms: Millis) => void;
  readonly #viewers = new Map<PeerId, Viewer>();
  readonly #left = new Map(GROUPS.map((group) => [group, new Ring<Experience>(REMEMBERED)]));
  #peerBytes = 0;
  #rehearsedBytes = 0;
  /** Published while viewers were connected, for each of them, and what was held when each came. */
  #takeableBytes = 0;
  #stalls = 0;

  /** @param onConnected somebody's link opened, so long after it was dialled */
  constructor(now: () => Millis, onConnected: (ms: Millis) => void = () => undefined) {
    this.#now = now;
    this.#onConnected = onConnected;
  }

  get totals(): SwarmTotals {
    const savedBytes = Math.min(this.#peerBytes - this.#rehearsedBytes, this.#takeableBytes);
    return { peerBytes: this.#peerBytes, savedBytes, stalls: this.#stalls };
  }

  /** Open links of all viewers, each counted at both ends. */
  get links(): LinksByKind {
    return sumLinks([...this.#viewers.values()].map(({ report }) => linksOf(report)));
  }

  /** @param heldBytes what the server holds of the stream, if this viewer is new to it */
  joined(peer: PeerId, group: Group, heldBytes = 0): void {
    const now = this.#now();
    this.#takeableBytes += heldBytes;
    this.#viewers.set(peer, {
      ...{ group, joinedAt: now, report: undefined, reportedAt: now },
      ...{ takenKbps: 0, originKbps: 0, givenKbps: 0, injectedAt: undefined },
    });
  }

  /** There is something more that each viewer may take. */
  published(bytes: number): void {
    this.#takeableBytes += bytes * this.#viewers.size;
  }

  left(peer: PeerId): void {
    const viewer = this.#viewers.get(peer);
    if (viewer === undefined) return;
    this.#viewers.delete(peer);
    this.#left.get(viewer.group)?.push(this.#experience(viewer));
  }

  reported(peer: PeerId, report: Report): void {
    const viewer = this.#viewers.get(peer);
    if (viewer === undefined) return;
    const now = this.#now();
    const before = viewer.report;
    const ms = Math.max(1, now - viewer.reportedAt);
    const taken = grown(before?.peerBytes, report.peerBytes);
    this.#peerBytes += taken;
    if (viewer.group === 'rehearsing') this.#rehearsedBytes += taken;
    this.#stalls += Math.min(1000, grown(before?.stalls, report.stalls));
    for (const time of connectTimes(before?.dialled, report.dialled)) this.#onConnected(time);
    const weight = Math.min(1, ms / RATE_MS);
    const rate = (old: number, bytes: number) => old + weight * ((bytes * 8) / ms - old);
    viewer.takenKbps = rate(viewer.takenKbps, taken);
    viewer.originKbps = rate(viewer.originKbps, grown(before?.originBytes, report.originBytes));
    viewer.givenKbps = rate(viewer.givenKbps, grown(before?.uploadedBytes, report.uploadedBytes));
    viewer.report = report;
    viewer.reportedAt = now;
  }

  injects(peer: PeerId): void {
    const viewer = this.#viewers.get(peer);
    if (viewer !== undefined) viewer.injectedAt = this.#now();
  }

  /** Those who are here and those who left lately. */
  groups(): Record<Group, GroupFigures> {
    const figures = (group: Group) => summarise(this.#here(group).length, this.experiences(group));
    return {
      ...{ sharing: figures('sharing'), 'held-out': figures('held-out') },
      ...{ waiting: figures('waiting'), rehearsing: figures('rehearsing') },
    };
  }

  /** How each of a group fared: those who left lately, then those who are here. */
  experiences(group: Group): readonly Experience[] {
    return [
      ...(this.#left.get(group)?.all() ?? []),
      ...this.#here(group).map((viewer) => this.#experience(viewer)),
    ];
  }

  /** Those of a group who left count no more. */
  forgetLeft(group: Group): void {
    this.#left.set(group, new Ring<Experience>(REMEMBERED));
  }

  /** Who is here and who is linked with whom. @param most the first so many viewers; the console draws no more */
  snapshot(most: number): { readonly viewers: readonly ViewerRow[]; readonly links: readonly Link[] } {
    const shown = [...this.#viewers].slice(0, most);
    const numbers = new Map(shown.map(([peer], index) => [peer, index]));
    return {
      viewers: shown.map(([, viewer], number) => this.#row(viewer, number)),
      links: shown.flatMap(([, viewer], to) => this.#linksTo(viewer, to, numbers)),
    };
  }

  /** What a viewer takes, divided over its neighbours by what each of them gives. */
  #linksTo(viewer: Viewer, to: number, numbers: ReadonlyMap<PeerId, number>): Link[] {
    const givers = (viewer.report?.neighbours ?? []).flatMap((peer) => {
      const from = numbers.get(peer);
      const giver = this.#viewers.get(peer);
      return from === undefined || giver === undefined ? [] : [{ from, gives: this.#fresh(giver).givenKbps }];
    });
    const all = givers.reduce((sum, { gives }) => sum + gives, 0);
    const { takenKbps } = this.#fresh(viewer);
    return givers.map(({ from, gives }) => ({
      from,
      to,
      kbps: all === 0 ? 0 : Math.round((takenKbps * gives) / all),
    }));
  }

  #row(viewer: Viewer, number: number): Required<ViewerRow> {
    const { group, joinedAt, report, injectedAt } = viewer;
    const now = this.#now();
    const { takenKbps, originKbps, givenKbps } = this.#fresh(viewer);
    return {
      number,
      group,
      minutes: Math.floor((now - joinedAt) / 60_000),
      neighbours: report?.neighbours.length ?? 0,
      links: linksOf(report),
      connectMs: meanConnectMs(report?.dialled),
      takenKbps: Math.round(takenKbps),
      originKbps: Math.round(originKbps),
      givenKbps: Math.round(givenKbps),
      injector: injectedAt !== undefined && now - injectedAt < INJECTOR_MS,
      uploads: report?.uploads ?? false,
      stalls: report?.stalls ?? 0,
      startupMs: report?.startupMs,
      latencyMs: report?.latencyMs,
    };
  }

  #fresh(viewer: Viewer): Pick<Viewer, 'takenKbps' | 'originKbps' | 'givenKbps'> {
    return this.#now() - viewer.reportedAt < SILENT_MS
      ? viewer
      : { takenKbps: 0, originKbps: 0, givenKbps: 0 };
  }

  #here(group: Group): readonly Viewer[] {
    return [...this.#viewers.values()].filter((viewer) => viewer.group === group);
  }

  #experience({ joinedAt, report }: Viewer): Experience {
    return {
      watchedMs: this.#now() - joinedAt,
      stalls: report?.stalls ?? 0,
      startupMs: report?.startupMs,
      latencyMs: report?.latencyMs,
      playedBytes: report?.playedBytes ?? 0,
    };
  }
}

/** Counters of a page start anew when it is loaded anew. */
function grown(before: number | undefined, now: number): number {
  return Math.min(MOST_BYTES, now >= (before ?? 0) ? now - (before ?? 0) : now);
}
