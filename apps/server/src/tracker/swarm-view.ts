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
import { ConfirmedBytes, type Held } from './confirmed-bytes.ts';
import { type Experience, summarise } from './group-figures.ts';
import { connectTimes, linksOf, meanConnectMs, sumLinks } from './link-figures.ts';

/** Viewers who left and still count in their group's figures; the oldest is dropped. */
const REMEMBERED = 1000;
/** A report cannot add more than this to a counter. */
const MOST_BYTES = 64e6;
/** A viewer's stalls count up to one in this time that it watched, and one more. */
const STALL_MS = 5000;
const NOTHING_HELD: Held = { bytes: 0, seconds: 0 };
/** A viewer counts as an injector for this long after it was last named. */
const INJECTOR_MS = 4000;
/** A rate is a mean over about this time. */
const RATE_MS = 5000;
/** After this long without a report, a viewer's rates are 0. */
const SILENT_MS = 10_000;

interface Viewer {
  readonly group: Group;
  readonly joinedAt: Millis;
  report: Report | undefined;
  reportedAt: Millis;
  /** As far as they count. */
  stalls: number;
  takenKbps: number;
  originKbps: number;
  givenKbps: number;
  injectedAt: Millis | undefined;
}

/** All figures come from the viewers' own reports. */
export interface SwarmTotals {
  /** Bytes that viewers got from others, as far as both ends report them. */
  readonly peerBytes: number;
  /** `peerBytes` without those of rehearsals, for which nobody would have paid: the server did not have to send them. */
  readonly savedBytes: number;
  readonly stalls: number;
}

/** The reports of one stream's viewers, for the console. */
export class SwarmView {
  readonly #now: () => Millis;
  readonly #onConnected: (ms: Millis) => void;
  readonly #viewers = new Map<PeerId, Viewer>();
  readonly #left = new Map(GROUPS.map((group) => [group, new Ring<Experience>(REMEMBERED)]));
  #peerBytes = 0;
  #rehearsedBytes = 0;
  readonly #confirmed: ConfirmedBytes;
  #stalls = 0;

  /** @param onConnected called for each opened link with the time since it was dialled */
  constructor(now: () => Millis, onConnected: (ms: Millis) => void = () => undefined) {
    this.#now = now;
    this.#onConnected = onConnected;
    this.#confirmed = new ConfirmedBytes(now, (taker, bytes) => {
      this.#peerBytes += bytes;
      if (this.#viewers.get(taker)?.group === 'rehearsing') this.#rehearsedBytes += bytes;
    });
  }

  get totals(): SwarmTotals {
    const savedBytes = this.#peerBytes - this.#rehearsedBytes;
    return { peerBytes: this.#peerBytes, savedBytes, stalls: this.#stalls };
  }

  /** Open links of all viewers, each counted at both ends. */
  get links(): LinksByKind {
    return sumLinks([...this.#viewers.values()].map(({ report }) => linksOf(report)));
  }

  /** @param held the stream in the buffer, if the viewer is new to the stream */
  joined(peer: PeerId, group: Group, held: Held = NOTHING_HELD): void {
    const now = this.#now();
    this.#confirmed.joined(peer, held);
    this.#viewers.set(peer, {
      ...{ group, joinedAt: now, report: undefined, reportedAt: now, stalls: 0 },
      ...{ takenKbps: 0, originKbps: 0, givenKbps: 0, injectedAt: undefined },
    });
  }

  /** Adds published bytes to those available to each viewer. */
  published(bytes: number): void {
    this.#confirmed.published(bytes);
  }

  left(peer: PeerId): void {
    const viewer = this.#viewers.get(peer);
    if (viewer === undefined) return;
    this.#viewers.delete(peer);
    this.#confirmed.left(peer);
    this.#left.get(viewer.group)?.push(this.#experience(viewer));
  }

  reported(peer: PeerId, report: Report): void {
    const viewer = this.#viewers.get(peer);
    if (viewer === undefined) return;
    const now = this.#now();
    const before = viewer.report;
    const ms = Math.max(1, now - viewer.reportedAt);
    const taken = grown(before?.peerBytes, report.peerBytes);
    const given = grown(before?.uploadedBytes, report.uploadedBytes);
    this.#confirmed.reported(peer, report, taken, given);
    this.#countStalls(viewer, grown(before?.stalls, report.stalls));
    for (const time of connectTimes(before?.dialled, report.dialled)) this.#onConnected(time);
    const weight = Math.min(1, ms / RATE_MS);
    const rate = (old: number, bytes: number) => old + weight * ((bytes * 8) / ms - old);
    viewer.takenKbps = rate(viewer.takenKbps, taken);
    viewer.originKbps = rate(viewer.originKbps, grown(before?.originBytes, report.originBytes));
    viewer.givenKbps = rate(viewer.givenKbps, given);
    viewer.report = report;
    viewer.reportedAt = now;
  }

  #countStalls(viewer: Viewer, count: number): void {
    const most = 1 + (this.#now() - viewer.joinedAt) / STALL_MS;
    const counted = Math.max(0, Math.min(count, Math.floor(most) - viewer.stalls));
    viewer.stalls += counted;
    this.#stalls += counted;
  }

  injects(peer: PeerId): void {
    const viewer = this.#viewers.get(peer);
    if (viewer !== undefined) viewer.injectedAt = this.#now();
  }

  /** Figures of each group's viewers: those connected now and those who left lately. */
  groups(): Record<Group, GroupFigures> {
    const figures = (group: Group) => summarise(this.#here(group).length, this.experiences(group));
    return {
      ...{ sharing: figures('sharing'), 'held-out': figures('held-out') },
      ...{ waiting: figures('waiting'), rehearsing: figures('rehearsing') },
    };
  }

  /** Experiences of a group's viewers: those who left lately, then those connected now. */
  experiences(group: Group): readonly Experience[] {
    return [
      ...(this.#left.get(group)?.all() ?? []),
      ...this.#here(group).map((viewer) => this.#experience(viewer)),
    ];
  }

  /** Drops the viewers of a group who left. */
  forgetLeft(group: Group): void {
    this.#left.set(group, new Ring<Experience>(REMEMBERED));
  }

  /** The connected viewers and their links. @param most limit for the viewers; the console draws no more */
  snapshot(most: number): { readonly viewers: readonly ViewerRow[]; readonly links: readonly Link[] } {
    const shown = [...this.#viewers].slice(0, most);
    const numbers = new Map(shown.map(([peer], index) => [peer, index]));
    return {
      viewers: shown.map(([, viewer], number) => this.#row(viewer, number)),
      links: shown.flatMap(([peer, viewer]) => this.#linksTo(peer, viewer, numbers)),
    };
  }

  /**
   * Divides a viewer's download rate over its neighbours in proportion to their upload rates. A link is shown when both
   * ends report it.
   */
  #linksTo(to: PeerId, viewer: Viewer, numbers: ReadonlyMap<PeerId, number>): Link[] {
    const givers = (viewer.report?.neighbours ?? []).flatMap((peer) => {
      const from = numbers.get(peer);
      const giver = this.#viewers.get(peer);
      return from === undefined || giver?.report?.neighbours.includes(to) !== true
        ? []
        : [{ from, gives: this.#fresh(giver).givenKbps }];
    });
    const all = givers.reduce((sum, { gives }) => sum + gives, 0);
    const { takenKbps } = this.#fresh(viewer);
    return givers.map(({ from, gives }) => ({
      from,
      to: numbers.get(to) ?? 0,
      kbps: all === 0 ? 0 : Math.round((takenKbps * gives) / all),
    }));
  }

  #row(viewer: Viewer, number: number): Required<ViewerRow> {
    const { group, joinedAt, report, injectedAt, stalls } = viewer;
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
      stalls,
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

  #experience({ joinedAt, report, stalls }: Viewer): Experience {
    return {
      watchedMs: this.#now() - joinedAt,
      stalls,
      startupMs: report?.startupMs,
      latencyMs: report?.latencyMs,
      playedBytes: report?.playedBytes ?? 0,
    };
  }
}

/** The growth of a page's counter, which starts from 0 again when the page is reloaded. */
function grown(before: number | undefined, now: number): number {
  return Math.min(MOST_BYTES, now >= (before ?? 0) ? now - (before ?? 0) : now);
}
