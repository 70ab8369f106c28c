import { randomBytes } from 'node:crypto';
import type { Rehearsal, RehearsalRequest } from '@freshet/api';
import type { Millis, StreamName } from '@freshet/protocol';
import type { Logger } from 'pino';
import { ControlError } from '../http/control-error.ts';
import type { Experience } from '../tracker/group-figures.ts';
import { sameSecret } from '../util/same-secret.ts';
import type { HeadlessViewers } from './headless-viewers.ts';
import { type Counted, rehearsalFigures } from './rehearsal-report.ts';
import { WaitingPages } from './waiting-pages.ts';

export interface RehearsalsParts {
  /** Opens headless viewers of a stream; undefined without Chromium. */
  readonly openHeadless: ((stream: StreamName, count: number) => HeadlessViewers) | undefined;
  readonly counted: (stream: StreamName) => Counted;
  /** The stream's viewers now: all of them, and those who rehearse. */
  readonly watching: (stream: StreamName) => { readonly all: number; readonly rehearsing: number };
  /** The experiences of the viewers who came for a rehearsal. */
  readonly experiences: (stream: StreamName) => readonly Experience[];
  /** Drops the viewers of earlier rehearsals. */
  readonly forget: (stream: StreamName) => void;
  readonly now: () => Millis;
  readonly log: Logger;
}

interface Running {
  readonly stream: StreamName;
  readonly pass: string;
  readonly headless: HeadlessViewers | undefined;
  readonly asked: RehearsalRequest;
  readonly startedAt: Millis;
  readonly from: Counted;
  half: Counted | undefined;
  readonly timers: readonly NodeJS.Timeout[];
}

type Ended = Omit<Rehearsal, 'hasChromium' | 'pages'>;

/** Tests a stream with muted test viewers. One test at a time: the machine has to serve its real viewers as well. */
export class Rehearsals {
  readonly #parts: RehearsalsParts;
  readonly #pages: WaitingPages;
  readonly #ended = new Map<StreamName, Ended>();
  #running: Running | undefined;

  constructor(parts: RehearsalsParts) {
    this.#parts = parts;
    this.#pages = new WaitingPages(parts.now);
  }

  /** @throws ControlError 409 */
  start(stream: StreamName, asked: RehearsalRequest): Rehearsal {
    const { openHeadless, counted, forget, now, log } = this.#parts;
    if (this.#running !== undefined)
      throw new ControlError(
        409,
        `A rehearsal of "${this.#running.stream}" is running. Only one can run at a time.`,
      );
    if (asked.viewers > 0 && openHeadless === undefined)
      throw new ControlError(
        409,
        'Chromium is missing on the server (Debian, Ubuntu: apt install chromium; or set its path with --chromium). Or open the rehearsal page on other machines, and start with 0 headless viewers.',
      );
    if (asked.viewers === 0 && this.#pages.count(stream) === 0)
      throw new ControlError(
        409,
        'No viewers: request headless viewers, or open the rehearsal page on other machines.',
      );
    forget(stream);
    const running: Running = {
      ...{ stream, asked, pass: randomBytes(24).toString('base64url') },
      headless: asked.viewers === 0 ? undefined : openHeadless?.(stream, asked.viewers),
      ...{ startedAt: now(), from: counted(stream), half: undefined },
      timers: [
        setTimeout(() => {
          running.half = counted(stream);
        }, asked.seconds * 500),
        setTimeout(() => void this.#end('done'), asked.seconds * 1000),
      ],
    };
    this.#running = running;
    void running.headless?.ended.then((problem) => {
      if (this.#running !== running) return;
      log.warn({ stream, problem }, 'the headless viewers of a rehearsal exited');
      void this.#end('failed', `Chromium exited: ${problem ?? 'unknown reason'}`);
    });
    log.info({ stream, ...asked }, 'rehearsal started');
    return this.report(stream);
  }

  report(stream: StreamName): Rehearsal {
    const common = {
      hasChromium: this.#parts.openHeadless !== undefined,
      pages: this.#pages.count(stream),
    };
    const running = this.#running;
    if (running?.stream === stream) return { ...common, ...this.#outcome(running, 'running') };
    return { ...common, ...(this.#ended.get(stream) ?? { state: 'none' }) };
  }

  /** Resolves when the headless viewers have exited. The figures so far are kept as the report. */
  async stop(stream: StreamName): Promise<Rehearsal> {
    if (this.#running?.stream === stream) await this.#end('stopped');
    return this.report(stream);
  }

  /** Ends the rehearsal of a removed stream, and drops its report. */
  async forget(stream: StreamName): Promise<void> {
    await this.stop(stream);
    this.#ended.delete(stream);
  }

  async close(): Promise<void> {
    if (this.#running !== undefined) await this.#end('stopped');
  }

  /** Whether a viewer with this token came for the running rehearsal. */
  isPass(stream: StreamName, token: string): boolean {
    const running = this.#running;
    return running?.stream === stream && sameSecret(running.pass, token);
  }

  /**
   * Answers a page that takes part, which asks every two seconds.
   * @param page its own name; undefined: it is not counted
   * @returns the pass to present to the tracker while a rehearsal runs
   */
  ask(stream: StreamName, page: string | undefined): string | undefined {
    if (page !== undefined) this.#pages.saw(stream, page);
    return this.#running?.stream === stream ? this.#running.pass : undefined;
  }

  async #end(state: 'done' | 'stopped' | 'failed', problem?: string): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    // Before the viewers leave: their last reports would come too late.
    this.#ended.set(running.stream, this.#outcome(running, state, problem));
    this.#running = undefined;
    for (const timer of running.timers) clearTimeout(timer);
    this.#parts.log.info({ stream: running.stream, state }, 'rehearsal ended');
    await running.headless?.stop();
  }

  #outcome(running: Running, state: Rehearsal['state'], problem?: string): Ended {
    const { now, counted, experiences, watching } = this.#parts;
    const { stream, asked, startedAt, from, half } = running;
    const { all, rehearsing } = watching(stream);
    return {
      ...{ state, problem, headless: asked.viewers, seconds: asked.seconds },
      elapsedSeconds: Math.min(asked.seconds, Math.round((now() - startedAt) / 1000)),
      figures: rehearsalFigures({ from, half, to: counted(stream) }, experiences(stream), all - rehearsing),
    };
  }
}
