import type { ControlFrame, PeerId, SegmentId, SegmentKey } from '@freshet/protocol';
import type { FetchId, PeerCommand, PeerCore, PeerEvent, WantId } from '@freshet/swarm';
import { Alarm, type Sleeper } from '../clock/alarm.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { PlayerModel, type PlayerOptions } from '../player/player-model.ts';
import { ViewerStore } from './viewer-store.ts';

type Command<T extends PeerCommand['type']> = Extract<PeerCommand, { type: T }>;

/** A core, or a scripted one in its place. */
export type HostedCore = Pick<PeerCore, 'handle' | 'wakeAt'>;

/** The world of one core: carries out what concerns links, transfers and the tracker, and watches. */
export interface PeerWorld {
  dial(peer: PeerId, initiator: boolean): void;
  hangUp(peer: PeerId): void;
  send(peer: PeerId, frame: ControlFrame): void;
  sendPiece(command: Command<'send-piece'>): void;
  recallPiece(peer: PeerId, segment: SegmentKey, piece: number): void;
  pace(bytesPerMs: number): void;
  fetch(command: Command<'fetch'>): void;
  abortFetch(fetch: FetchId): void;
  fetchList(segment: SegmentId): void;
  accuse(command: Command<'report-pollution'>): void;
  /** Called before the core handles an event. */
  told(event: PeerEvent): void;
  /** Called before a command is carried out. */
  decided(command: PeerCommand): void;
  /** Called after all commands of one event were carried out. */
  settled(event: PeerEvent): void;
  /** Called when no event waits. */
  rested(): void;
}

/** A core that asks to be woken in the past is woken after this time. */
const MIN_SLEEP_MS = 1;

/** The host of one PeerCore on a virtual clock, with a store and a player. Its world carries out the rest. */
export class PeerHost implements Sleeper {
  readonly player: PlayerModel;
  readonly store = new ViewerStore();
  readonly #clock: VirtualClock;
  readonly #core: HostedCore;
  readonly #world: PeerWorld;
  readonly #inbox: PeerEvent[] = [];
  #isBusy = false;
  #isStopped = false;
  #alarm: Alarm | undefined;

  constructor(clock: VirtualClock, core: HostedCore, player: PlayerOptions, world: PeerWorld) {
    this.#clock = clock;
    this.#core = core;
    this.#world = world;
    this.player = new PlayerModel(clock, player, {
      want: (want, segment, deadline) => {
        this.tell({ type: 'want', want, segment: segment.id, durationMs: segment.durationMs, deadline });
      },
      unwant: (want) => {
        this.tell({ type: 'unwant', want });
      },
    });
  }

  /** Handles one event at a time. Events that arise while commands are carried out are queued. */
  tell(event: PeerEvent): void {
    if (this.#isStopped) return;
    if (this.#isBusy) {
      this.#inbox.push(event);
      return;
    }
    this.#isBusy = true;
    this.#handle(event);
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) this.#handle(next);
    this.#isBusy = false;
    this.#sleep();
    this.#world.rested();
  }

  /** The page is closed. */
  stop(): void {
    this.#isStopped = true;
    this.#alarm = undefined;
    this.player.stop();
  }

  rang(alarm: Alarm): void {
    if (alarm !== this.#alarm) return;
    this.#alarm = undefined;
    const dueAt = this.#core.wakeAt;
    if (dueAt !== undefined && dueAt <= this.#clock.now) this.tell({ type: 'tick' });
    else this.#sleep();
  }

  #handle(event: PeerEvent): void {
    this.#world.told(event);
    for (const command of this.#core.handle(event, this.#clock.now)) {
      this.#world.decided(command);
      this.#execute(command);
    }
    this.#world.settled(event);
  }

  #execute(command: PeerCommand): void {
    const world = this.#world;
    switch (command.type) {
      case 'dial':
        world.dial(command.peer, command.initiator);
        break;
      case 'hang-up':
        world.hangUp(command.peer);
        break;
      case 'send':
        world.send(command.peer, command.frame);
        break;
      case 'send-piece':
        world.sendPiece(command);
        break;
      case 'recall-piece':
        world.recallPiece(command.peer, command.segment, command.piece);
        break;
      case 'pace':
        world.pace(command.bytesPerMs);
        break;
      case 'fetch':
        world.fetch(command);
        break;
      case 'abort-fetch':
        world.abortFetch(command.fetch);
        break;
      case 'fetch-list':
        world.fetchList(command.segment);
        break;
      case 'deliver':
        this.#deliver(command.want);
        break;
      case 'fail':
        this.player.failed(command.want);
        break;
      case 'forget':
        this.store.forget(command.segment);
        break;
      case 'report-pollution':
        world.accuse(command);
        break;
    }
  }

  #deliver(want: WantId): void {
    const waiting = this.player.startedAt === undefined;
    this.player.delivered(want);
    if (waiting && this.player.isPlaying) this.tell({ type: 'playing' });
  }

  /** One alarm at a time. An alarm that rings too early only sets the next. */
  #sleep(): void {
    const { wakeAt } = this.#core;
    if (wakeAt === undefined || this.#isStopped) return;
    const at = Math.max(wakeAt, this.#clock.now + MIN_SLEEP_MS);
    if (this.#alarm !== undefined && this.#alarm.at <= at) return;
    this.#alarm = new Alarm(this, at);
    this.#clock.enter(this.#alarm, at);
  }
}
