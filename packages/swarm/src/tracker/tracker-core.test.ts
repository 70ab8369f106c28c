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

  it('introduces only viewers of one network while the rule says so, also to close gaps', () => {
    const joinFrom = (peer: string, locality?: string) =>
      only(
        tell({
          ...{ type: 'peer-joined', peer, neighbours: [], renditions: [rendition], uploads: true },
          ...(locality !== undefined && { locality }),
        }),
        'introduce',
      ).map(({ to, peer: met }) => [to, met].sort().join(' '));
    tell({ type: 'rule-changed', sameNetwork: true });
    expect(joinFrom('ann', 'isp/office')).toEqual([]);
    expect(joinFrom('bob', 'isp/home')).toEqual([]);
    expect(joinFrom('cem', 'isp/office')).toEqual(['ann cem', 'ann cem']);
    expect([joinFrom('dia'), joinFrom('eva')]).toEqual([[], []]);
    for (let msn = 1; msn < 10; msn++, now += 5000) {
      publish(msn);
      for (const peer of ['ann', 'bob', 'cem', 'dia', 'eva']) report(peer, [], { seeking: true });
    }
    expect(core.areIntroduced('ann', 'bob')).toBe(false);
    expect(core.areIntroduced('dia', 'eva')).toBe(false);
    tell({ type: 'rule-changed', sameNetwork: false });
    now += 60_000;
    report('bob', [], { seeking: true });
    expect(core.areIntroduced('ann', 'bob')).toBe(true);
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
      { type: 'introduce', to: 'bob', peer: 'ann', dial: false },
      { type: 'introduce', to: 'ann', peer: 'bob', dial: true },
    ];
    expect(join('bob')).toEqual(again);
  });

  it('lets the two sides dial in turn: one of them may take no calls any more', () => {
    join('ann');
    join('bob');
    const diallers = Array.from({ length: 4 }, () => {
      now += 30_000;
      return only(report('bob', [], { seeking: true }), 'introduce').find(({ dial }) => dial)?.to;
    });
    expect(diallers).toEqual(['ann', 'bob', 'ann', 'bob']);
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

  it('asks no viewer that only itself reports links, while there are others', () => {
    mesh('ann', 'bob', 'cy', 'dee', 'eve', 'fay', 'gil');
    for (const peer of ['ann', 'bob']) report(peer, ['cy', 'dee', 'eve', 'fay', 'gil']);
    join('liar', ['ann', 'bob', 'cy', 'dee', 'eve']);
    // It was linked once, and one end lost the link.
    join('lost', ['ann']);
    report('ann', ['cy', 'dee', 'eve', 'fay', 'gil', 'lost']);
    report('ann', ['cy', 'dee', 'eve', 'fay', 'gil']);
    now = 10_000;
    for (let msn = 0; msn < 20; msn++) {
      const asked = publish(msn).map(({ peer }) => peer);
      expect(asked.length).toBeGreaterThan(1);
      expect(asked).not.toContain('liar');
      expect(asked).not.toContain('lost');
    }
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
  const enter = (peer: string, locality: string) =>
    tell({ type: 'peer-joined', peer, neighbours: [], renditions: [rendition], uploads: true, locality });
  let round = '';
  beforeEach(() => {
    round = '';
  });
  /** Viewers that are linked with `mal`, as both ends report. */
  function surround(...places: string[]): readonly string[] {
    enter('mal', '9/9');
    const names = places.map((place, i) => {
      enter(`peer-${round}${i}`, place);
      return `peer-${round}${i}`;
    });
    link('mal', ...names);
    return names;
  }
  function link(peer: string, ...others: string[]): void {
    report(peer, others);
    for (const other of others) report(other, [peer]);
  }

  it('bans a viewer that linked viewers of three networks accuse, and tells all its neighbours', () => {
    const [ann = '', bob = '', cy = '', dan] = surround('1/1', '1/2', '2/1', '2/2');
    now += 3000;
    expect(accuse(ann, 'mal')).toEqual([{ type: 'expel', to: ann, peer: 'mal' }]);
    expect(accuse(bob, 'mal')).toEqual([{ type: 'expel', to: bob, peer: 'mal' }]);
    const commands = accuse(cy, 'mal');
    expect(only(commands, 'ban')).toEqual([{ type: 'ban', peer: 'mal', forMs: 120_000 }]);
    expect(only(commands, 'expel').map(({ to }) => to)).toEqual(expect.arrayContaining([ann, bob, cy, dan]));
  });

  it.each([
    ['many viewers of one network', ['1/1', '1/1', '1/1', '1/1', '1/1']],
    ['many viewers of the accused viewer’s own network', ['9/9', '9/9', '9/9', '9/9']],
    ['three networks of one provider', ['1/1', '1/2', '1/3', '1/4']],
    ['viewers without a known place', ['', '', '', '']],
  ])('bans nobody on the word of %s', (_who, places) => {
    const names = surround(...places);
    now += 60_000;
    for (const name of names) expect(only(accuse(name, 'mal'), 'ban')).toEqual([]);
  });

  it.each([
    ['only the accusers report', 3000, []],
    ['both ends have reported for less than two seconds', 1900, ['peer-0', 'peer-1', 'peer-2']],
  ])('bans nobody over links that %s, but ends them', (_what, ms, reported) => {
    enter('mal', '9/9');
    for (const i of [0, 1, 2]) enter(`peer-${i}`, `${i}/1`);
    for (const i of [0, 1, 2]) report(`peer-${i}`, ['mal']);
    report('mal', reported);
    now += ms;
    for (const i of [0, 1, 2])
      expect(accuse(`peer-${i}`, 'mal')).toEqual([{ type: 'expel', to: `peer-${i}`, peer: 'mal' }]);
  });

  it('ends a link at the first accusation, and never introduces the two again, also after they left', () => {
    const [ann = ''] = surround('1/1');
    accuse(ann, 'mal');
    for (const peer of [ann, 'mal']) tell({ type: 'peer-left', peer });
    now += 700_000;
    enter(ann, '1/1');
    expect(enter('mal', '9/9')).toEqual([]);
  });

  it('an accused viewer meets fewer new peers', () => {
    const [ann = '', bob = ''] = surround('1/1', '1/1');
    accuse(ann, 'mal');
    accuse(bob, 'mal');
    for (let i = 0; i < 12; i++) join(`new-${i}`);
    now += 10_000;
    const commands = report('mal', [], { seeking: true });
    expect(only(commands, 'introduce').filter(({ to }) => to === 'mal')).toEqual([]);
  });

  it.each([
    ['viewer', (i: number) => ({ accuser: 'ann', network: '1/1', suspect: `suspect-${i}` }), 3],
    ['network', (i: number) => ({ accuser: `ann-${i}`, network: '1/1', suspect: `suspect-${i}` }), 6],
  ])('the accusations of one %s count for a few suspects only', (_who, pick, most) => {
    let banned = 0;
    for (let i = 0; i < 10; i++) {
      const { accuser, network, suspect } = pick(i);
      enter(accuser, network);
      enter(suspect, `${50 + i}/1`);
      for (const [who, place] of [
        [`a-${i}`, `${100 + i}/1`],
        [`b-${i}`, `${200 + i}/1`],
      ] as const)
        enter(who, place);
      link(suspect, accuser, `a-${i}`, `b-${i}`);
      now += 3000;
      accuse(`a-${i}`, suspect);
      accuse(`b-${i}`, suspect);
      banned += only(accuse(accuser, suspect), 'ban').length;
    }
    expect(banned).toBe(most);
  });

  it('bans for longer when it happens again, and puts newcomers of that network on probation', () => {
    const banned: number[] = [];
    for (let times = 0; times < 3; times++) {
      round = `${times}-`;
      const names = surround('1/1', '2/1', '3/1');
      now += 3000;
      banned.push(...names.flatMap((name) => only(accuse(name, 'mal'), 'ban').map(({ forMs }) => forMs)));
      for (const peer of names) tell({ type: 'peer-left', peer });
    }
    expect(banned).toEqual([120_000, 240_000, 480_000]);
    for (let i = 0; i < 12; i++) join(`other-${i}`);
    const met = (commands: readonly TrackerCommand[]) =>
      only(commands, 'introduce').filter(({ dial }) => dial).length;
    expect(met(enter('mal-again', '9/9')), 'it finds its own spent budget').toBe(0);
    expect(met(enter('neighbour', '9/9'))).toBe(2);
    expect(met(enter('elsewhere', '9/8'))).toBeGreaterThan(2);
  });

  it('believes no stranger', () => {
    surround('1/1');
    expect(accuse('nobody', 'mal')).toEqual([]);
    enter('stranger', '2/1');
    tell({ type: 'peer-left', peer: 'peer-0' });
    expect(accuse('peer-0', 'mal')).toEqual([]);
  });
});
