import type { Millis } from '@freshet/protocol';
import type { PeerEvent } from '@freshet/swarm';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Member, TrackerHost } from '../host/tracker-host.ts';
import type { ViewerWord } from '../host/viewer-word.ts';

const REPORT_MS = 1000;
const REJOIN_MS = 2000;

/** By far the most frequent events. They change nothing that is reported. */
const NO_NEWS: ReadonlySet<PeerEvent['type']> = new Set<PeerEvent['type']>([
  'frame',
  'piece-progress',
  'piece-arrived',
  'origin-piece',
]);

/** A viewer's side of the connection to the tracker: joins, joins again after a loss, and reports changes. */
export class Membership {
  readonly #clock: VirtualClock;
  readonly #tracker: TrackerHost;
  readonly #viewer: Member & { readonly isGone: boolean };
  readonly #wordOf: () => ViewerWord;
  #member = false;
  #banned = false;
  /** Whether something that is reported may have changed. */
  #hasNews = false;
  #reported: ViewerWord | undefined;
  #reporting = false;
  #comparedAt: Millis = Number.NEGATIVE_INFINITY;

  constructor(
    { clock, tracker }: { readonly clock: VirtualClock; readonly tracker: TrackerHost },
    viewer: Member & { readonly isGone: boolean },
    wordOf: () => ViewerWord,
  ) {
    this.#clock = clock;
    this.#tracker = tracker;
    this.#viewer = viewer;
    this.#wordOf = wordOf;
  }

  join(): void {
    this.#tracker.join(this.#viewer, this.#wordOf());
  }

  joined(): void {
    this.#member = true;
  }

  /** The connection is lost: reports stop. */
  lost(): void {
    this.#member = false;
    this.#reported = undefined;
  }

  rejoin(banned: boolean): void {
    this.#banned ||= banned;
    if (this.#banned || this.#viewer.isGone) return;
    this.#clock.after(REJOIN_MS, () => {
      if (!this.#viewer.isGone) this.join();
    });
  }

  /** The core has handled an event. */
  noted(event: PeerEvent): void {
    this.#hasNews ||= !NO_NEWS.has(event.type);
  }

  /**
   * Reports changes at most once a second, and compares no more often, because comparing costs more than most events.
   */
  report(): void {
    if (!this.#hasNews || !this.#member || this.#reporting || this.#viewer.isGone) return;
    this.#hasNews = false;
    this.#reporting = true;
    this.#clock.at(Math.max(this.#clock.now, this.#comparedAt + REPORT_MS), () => {
      this.#reporting = false;
      if (!this.#member || this.#viewer.isGone) return;
      this.#comparedAt = this.#clock.now;
      const word = this.#wordOf();
      if (this.#reported !== undefined && sameWord(word, this.#reported)) return;
      this.#reported = word;
      this.#tracker.report(this.#viewer, word);
    });
  }
}

function sameWord(a: ViewerWord, b: ViewerWord): boolean {
  return (
    a.seeking === b.seeking &&
    a.uploads === b.uploads &&
    a.uplinkKbps === b.uplinkKbps &&
    a.lateInjections === b.lateInjections &&
    a.renditions[0] === b.renditions[0] &&
    a.neighbours.length === b.neighbours.length &&
    a.neighbours.every((peer, i) => peer === b.neighbours[i])
  );
}
