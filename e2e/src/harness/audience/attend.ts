import { setTimeout as pause } from 'node:timers/promises';
import type { Viewer, ViewerOptions, Viewers } from '../viewers/viewers.ts';
import type { Visit, VisitPlan } from './plan-visits.ts';

/** The page that each viewer of a plan opens, and the observations made of it. */
export interface AttendOptions<Seen> {
  readonly viewers: Viewers;
  readonly plan: VisitPlan;
  readonly page: (visit: Visit) => { readonly url: string; readonly options?: ViewerOptions };
  /** Observes each viewer every few seconds, and when it leaves or the run ends. */
  readonly look: (viewer: Viewer) => Promise<Seen>;
}

/** After the join. Any machine that can run the tests plays by then. */
const FIRST_LOOK_MS = 8000;
const LOOK_EVERY_MS = 10_000;

/** A visit that has ended, by itself or with the run. */
export interface Attended<Seen> {
  readonly visit: Visit;
  readonly viewer: Viewer;
  /** In chronological order; the last at the end of the visit. */
  readonly looks: readonly Seen[];
}

/** The audience of one run. All pages are ready before the first viewer joins. */
export class Audience<Seen> {
  readonly #options: AttendOptions<Seen>;
  readonly #joins: readonly (() => Promise<Viewer>)[];
  readonly #present = new Set<Viewer>();

  static async ready<Seen>(options: AttendOptions<Seen>): Promise<Audience<Seen>> {
    const joins: (() => Promise<Viewer>)[] = [];
    for (const visit of options.plan.visits) {
      const { url, options: viewerOptions } = options.page(visit);
      joins.push(await options.viewers.ready(visit.name, url, viewerOptions));
    }
    return new Audience(options, joins);
  }

  private constructor(options: AttendOptions<Seen>, joins: readonly (() => Promise<Viewer>)[]) {
    this.#options = options;
    this.#joins = joins;
  }

  /** Viewers that have joined and not left. */
  get present(): readonly Viewer[] {
    return [...this.#present];
  }

  /** Runs the plan from now to its end. Viewers that are present at the end stay on their pages. */
  async attend(): Promise<readonly Attended<Seen>[]> {
    const start = performance.now();
    const at = (ms: number): Promise<void> => pause(Math.max(0, start + ms - performance.now()));
    const { visits, endMs } = this.#options.plan;
    return Promise.all(
      visits.map((visit, i) => this.#visit(visit, this.#joins[i], visit.leaveMs ?? endMs, at)),
    );
  }

  async #visit(
    visit: Visit,
    join: (() => Promise<Viewer>) | undefined,
    untilMs: number,
    at: (ms: number) => Promise<void>,
  ): Promise<Attended<Seen>> {
    if (join === undefined) throw new Error(`no page is ready for visit ${visit.name}`);
    await at(visit.joinMs);
    const viewer = await join();
    this.#present.add(viewer);
    const { look, viewers } = this.#options;
    const looks: Seen[] = [];
    for (let next = visit.joinMs + FIRST_LOOK_MS; next < untilMs; next += LOOK_EVERY_MS) {
      await at(next);
      looks.push(await look(viewer));
    }
    await at(untilMs);
    looks.push(await look(viewer));
    if (visit.leaveMs !== undefined) {
      this.#present.delete(viewer);
      await viewers.leave(viewer);
    }
    return { visit, viewer, looks };
  }
}
