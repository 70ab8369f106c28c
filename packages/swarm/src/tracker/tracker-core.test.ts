import { pieceCount } from '@freshet/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { TrackerCore } from './tracker-core.ts';
import type { TrackerCommand, TrackerEvent } from './api/tracker-event.ts';

const rendition = '0123abcd';
const BYTES = 110_000;
let core: TrackerCore;
let now: number;

function tell(event: TrackerEvent): readonly TrackerCommand[] {
  return core.handle(event, now);
}
function join(peer: string, neighbours: string[] = [], renditions = [rendition]): readonly TrackerCommand[] {
  return tell({ type: 'peer-joined', peer, neighbours, renditions, uploads: true });
}
function report(peer: string, neighbours: string[], more: { seeking?: boolean; uploads?: boolean } = {}) {
  return tell({
    type: 'peer-reported',
    peer,
    neighbours,
    renditions: [rendition],
    uploads: more.uploads ?? true,
    seeking: more.seeking ?? false,
  });
}
function publish(msn: number) {
  const [command] = tell({
    type: 'segment-published',
    segment: { epoch: 1, rendition, msn },
    bytes: BYTES,
    durationMs: 2000,
  });
  if (command?.type !== 'announce') throw new Error('no announcement');
  return command.injectors;
}
function only<T extends TrackerCommand['type']>(commands: readonly TrackerCommand[], type: T) {
  return commands.filter((command): command is Extract<TrackerCommand, { type: T }> => command.type === type);
}

beforeEach(() => {
  now = 0;
  core = new TrackerCore({ seed: 1, maxNeighbours: 4 });
});

describe('introductions', () => {
  it('introduces a newcomer to present viewers: both are told, and the newcomer dials', () => {
    join('ann');
    expect(join('bob')).toEqual([
      { type: 'introduce', to: 'ann', peer: 'bob', dial: false },
      { type: 'introduce', to: 'bob', peer: 'ann', dial: true },
    ]);
    expect(core.areIntroduced('ann', 'bob')).toBe(true);
    expect(core.areIntroduced('bob', 'ann')).toBe(true);
    expect(core.areIntroduced('ann', 'cy')).toBe(false);
  });

  it('introduces no more viewers than the policy’s number, and prefers the same rendition', () => {
    for (let i = 0; i < 6; i++) join(`other-${i}`, [], ['ffffffff']);
    join('same-1');
    join('same-2');
    const met = only(join('me'), 'introduce').filter(({ to }) => to === 'me');
    expect(met.length).toBeGreaterThanOrEqual(3);
    expect(met.length).toBeLessThanOrEqual(4);
    expect(
      met
        .slice(0, 2)
        .map(({ peer }) => peer)
        .sort(),
    ).toEqual(['same-1', 'same-2']);
  });

  it('serves a seeking viewer at most every five seconds', () => {
    join('ann');
    join('bob');
    for (let i = 0; i < 8; i++) join(`peer-${i}`);
    report('ann', ['bob'], { seeking: true });
    expect(core.wakeAt).toBeDefined();
    const dialsOfAnn = (commands: readonly TrackerCommand[]) =>
      only(commands, 'introduce').filter(({ to, dial }) => to === 'ann' && dial);
    now += 4000;
    expect(dialsOfAnn(report('ann', ['bob'], { seeking: true }))).toEqual([]);
    now += 20_000;
    expect(only(tell({ type: 'tick' }), 'introduce').map(({ to }) => to)).toContain('ann');
  });

  it('introduces no more viewers to one than it has seats, reported or promised', () => {
    for (let i = 0; i < 30; i++) join(`peer-${i}`);
    const links = new Map<string, number>();
    for (let i = 0; i < 30; i++) {
      for (let j = 0; j < i; j++) {
        if (!core.areIntroduced(`peer-${i}`, `peer-${j}`)) continue;
        for (const peer of [`peer-${i}`, `peer-${j}`]) links.set(peer, (links.get(peer) ?? 0) + 1);
      }
    }
    expect(links.size).toBe(30);
    expect(Math.min(...links.values())).toBeGreaterThanOrEqual(2);
    expect(Math.max(...links.values())).toBeLessThanOrEqual(4 + 2);
  });

  it('C3: introduces two viewers again as soon as one of them lost the link, though the other has not noticed', () => {
    join('ann');
    join('bob');
    report('ann', ['bob']);
    report('bob', ['ann']);
    now += 30_000;
    const again = [
      { type: 'introduce', to: 'ann', peer: 'bob', dial: false },
      { type: 'introduce', to: 'bob', peer: 'ann', dial: true },
    ];
    expect(join('bob')).toEqual(again);
  });

  it('does not introduce two viewers again while one of them has not reported the new link yet', () => {
    join('ann');
    join('bob');
    now += 3000;
    report('ann', ['bob'], { seeking: true });
    now += 16_000;
    expect(only(report('bob', [], { seeking: true }), 'introduce')).toEqual([]);
  });

  it('forgets a viewer that left', () => {
    join('ann');
    join('bob');
    tell({ type: 'peer-left', peer: 'ann' });
    expect(core.areIntroduced('ann', 'bob')).toBe(false);
    expect(core.size).toBe(1);
  });
});

describe('injection', () => {
  function mesh(...peers: string[]): void {
    for (const peer of peers)
      join(
        peer,
        peers.filter((other) => other !== peer),
      );
  }

  it('asks for one copy, split over linked viewers that upload', () => {
    mesh('ann', 'bob', 'cy', 'dee');
    report('dee', ['ann', 'bob', 'cy'], { uploads: false });
    now = 10_000;
    const injectors = publish(1);
    expect(injectors.reduce((sum, { count }) => sum + count, 0)).toBe(pieceCount(BYTES));
    expect(injectors.map(({ peer }) => peer)).not.toContain('dee');
  });

  it('asks no viewer when none is linked', () => {
    join('ann');
    join('bob');
    expect(publish(1)).toEqual([]);
  });

  it('asks for a copy in every component of a divided swarm', () => {
    mesh('ann', 'bob');
    mesh('cy', 'dee');
    const pieces = publish(1).reduce((sum, { count }) => sum + count, 0);
    expect(pieces).toBe(2 * pieceCount(BYTES));
  });

  it('asks only viewers that follow the rendition', () => {
    mesh('ann', 'bob');
    join('cy', ['ann', 'bob'], ['ffffffff']);
    for (let msn = 0; msn < 10; msn++) expect(publish(msn).map(({ peer }) => peer)).not.toContain('cy');
  });
});

describe('pollution', () => {
  const accuse = (by: string, peer: string) =>
    tell({ type: 'pollution-reported', by, peer, segment: `1/${rendition}/5`, piece: 0 });

  beforeEach(() => {
    for (const peer of ['ann', 'bob', 'cy', 'mal']) join(peer);
    for (const peer of ['ann', 'bob', 'cy']) report(peer, ['mal']);
  });

  it('bans a viewer that two others accuse, and tells all its neighbours', () => {
    expect(accuse('ann', 'mal')).toEqual([]);
    expect(accuse('ann', 'mal')).toEqual([]);
    const commands = accuse('bob', 'mal');
    expect(only(commands, 'ban')).toEqual([{ type: 'ban', peer: 'mal' }]);
    expect(only(commands, 'expel').map(({ to }) => to)).toEqual(['ann', 'bob', 'cy']);
  });

  it('ignores two accusers of one network that is not the accused viewer’s', () => {
    const enter = (peer: string, locality: string) =>
      tell({ type: 'peer-joined', peer, neighbours: [], renditions: [rendition], uploads: true, locality });
    enter('victim', '10.1/7');
    enter('mal-1', '10.9/3');
    enter('mal-2', '10.9/3');
    enter('dan', '10.1/8');
    report('victim', ['mal-1', 'mal-2', 'dan']);
    expect(accuse('mal-1', 'victim')).toEqual([]);
    expect(accuse('mal-2', 'victim')).toEqual([]);
    expect(only(accuse('dan', 'victim'), 'ban')).toEqual([{ type: 'ban', peer: 'victim' }]);
  });

  it('believes two accusers of the accused viewer’s own network, where no other viewer may see it', () => {
    for (const peer of ['a', 'b', 'c']) {
      const who = { peer, neighbours: [], renditions: [rendition], uploads: true, locality: '10.1/7' };
      tell({ type: 'peer-joined', ...who });
    }
    report('c', ['a', 'b']);
    expect(accuse('a', 'c')).toEqual([]);
    expect(only(accuse('b', 'c'), 'ban')).toEqual([{ type: 'ban', peer: 'c' }]);
  });

  it('believes neither a stranger nor a viewer that accuses everyone', () => {
    expect(accuse('nobody', 'mal')).toEqual([]);
    for (let i = 0; i < 5; i++) join(`peer-${i}`);
    for (let i = 0; i < 5; i++)
      tell({ type: 'pollution-reported', by: 'mal', peer: `peer-${i}`, segment: '', piece: 0 });
    expect(accuse('ann', 'peer-4')).toEqual([]);
  });
});
