import {
  forceCenter,
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type SimulationNodeDatum,
} from 'd3-force';
import type { Group, Swarm, Viewer } from '../api.ts';
import { element } from '../element.ts';

const HEIGHT = 340;
const RADIUS = 6;
/** Steps of the layout after a change of the swarm. They run at once, without being drawn. */
const STEPS = 120;
/** Width of the widest line, in px. */
const MOST_WIDTH = 5;
/** Deviation of a line from the straight one, as a fraction of its length. */
const BOW = 0.08;
/** Position of the arrow on a line, from 0 at the sender to 1 at the receiver. */
const ARROW_AT = 0.72;
/** Arrows are left out for more viewers, since they would hide the lines. */
const MOST_WITH_ARROWS = 40;

interface Node extends SimulationNodeDatum {
  readonly number: number;
  viewer: Viewer;
}
interface Link {
  readonly source: number;
  readonly target: number;
  kbps: number;
}

/**
 * Draws the swarm on a canvas: a line for each link, wider for higher rates, with an arrow towards the receiver. A
 * sentence below it says the same.
 */
export function swarmPicture() {
  const canvas = element('canvas', { role: 'img', height: HEIGHT });
  const words = element('p', { className: 'quiet' });
  const whole = element(
    'div',
    { className: 'swarm' },
    canvas,
    element(
      'p',
      { className: 'keys' },
      key('--injector', 'fetches new segments from the server'),
      key('--accent', 'shares'),
      key('--held-out', 'plays from the server only'),
    ),
    words,
  );
  let nodes: Node[] = [];
  let links: Link[] = [];
  let shape = '';
  const draw = () => {
    paint(canvas, nodes, links);
  };
  const resize = new ResizeObserver(() => {
    shape = '';
    draw();
  });
  resize.observe(whole);
  return {
    element: whole,
    show: (swarm: Swarm) => {
      canvas.hidden = swarm.viewers.length === 0;
      const before = new Map(nodes.map((node) => [node.number, node]));
      nodes = swarm.viewers.map((viewer) => {
        const known = before.get(viewer.number);
        return known === undefined ? { number: viewer.number, viewer } : Object.assign(known, { viewer });
      });
      links = swarm.links.map(({ from, to, kbps }) => ({ source: from, target: to, kbps }));
      const now = `${nodes.length} ${links.map(({ source, target }) => `${source}-${target}`).join()}`;
      if (now !== shape) arrange(nodes, links, canvas.clientWidth);
      shape = now;
      const text = inWords(swarm);
      words.textContent = text;
      canvas.setAttribute('aria-label', text);
      draw();
    },
    close: () => {
      resize.disconnect();
    },
  };
}

function key(colour: string, text: string): HTMLElement {
  return element('span', { className: 'key', data: { colour } }, text);
}

function inWords({ viewers, links, total }: Swarm): string {
  if (total === 0) return 'No viewers.';
  const flowing = links.filter(({ kbps }) => kbps > 0).length;
  const injectors = viewers.filter(({ injector }) => injector).length;
  const shown = total > viewers.length ? ` Shown: ${viewers.length} of ${total}.` : '';
  return `${viewers.length} viewers, ${flowing} of ${links.length} link directions active, ${injectors} fetching new segments from the server. Rates are estimated from viewers’ reports.${shown}`;
}

function arrange(nodes: Node[], links: readonly Link[], width: number): void {
  // Distances depend on the number of nodes, so that few fill the picture, too.
  const room = Math.sqrt((width * HEIGHT) / Math.max(1, nodes.length));
  forceSimulation(nodes)
    .force('charge', forceManyBody().strength(-room * 2.5))
    .force(
      'link',
      // The layout replaces the ends by nodes, so it gets a copy of the links.
      forceLink(links.map(({ source, target }) => ({ source, target })))
        .distance(room * 0.75)
        .strength(0.15),
    )
    .force('collide', forceCollide(RADIUS + 3))
    .force('center', forceCenter(width / 2, HEIGHT / 2))
    .force('x', forceX(width / 2).strength(0.06))
    .force('y', forceY(HEIGHT / 2).strength(0.1))
    .stop()
    .tick(STEPS);
}

function paint(canvas: HTMLCanvasElement, nodes: readonly Node[], links: readonly Link[]): void {
  const width = canvas.clientWidth;
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = HEIGHT * scale;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(`${name}-plain`).trim();
  const at = (node: Node): [number, number] => [
    clamp(node.x ?? width / 2, width),
    clamp(node.y ?? HEIGHT / 2, HEIGHT),
  ];
  const most = Math.max(1, ...links.map(({ kbps }) => kbps));
  for (const { source, target, kbps } of links) {
    const [from, to] = [nodes[source], nodes[target]];
    if (from === undefined || to === undefined) continue;
    const way = wayBetween(at(from), at(to));
    context.beginPath();
    context.moveTo(...way.start);
    context.quadraticCurveTo(...way.bend, ...way.end);
    context.globalAlpha = kbps === 0 ? 0.25 : 0.7;
    context.strokeStyle = kbps === 0 ? colour('--grid') : colour('--accent');
    context.lineWidth = kbps === 0 ? 1 : 1 + (MOST_WIDTH - 1) * (kbps / most);
    context.stroke();
    if (kbps > 0 && nodes.length <= MOST_WITH_ARROWS) arrow(context, way, context.lineWidth);
  }
  context.globalAlpha = 1;
  for (const node of nodes) {
    context.beginPath();
    context.arc(...at(node), RADIUS, 0, Math.PI * 2);
    context.fillStyle = colour(node.viewer.injector ? '--injector' : COLOURS[node.viewer.group]);
    context.fill();
    context.strokeStyle = colour('--card');
    context.lineWidth = 2;
    context.stroke();
  }
}

const COLOURS: Record<Group, string> = {
  sharing: '--accent',
  'held-out': '--held-out',
  waiting: '--held-out',
  rehearsing: '--accent',
};

type Point = [x: number, y: number];
interface Way {
  readonly start: Point;
  readonly bend: Point;
  readonly end: Point;
}

/** A line bends to its right, so that the opposite direction is a separate line. */
function wayBetween(start: Point, end: Point): Way {
  const [x, y] = [end[0] - start[0], end[1] - start[1]];
  const bend: Point = [start[0] + x / 2 - y * BOW, start[1] + y / 2 + x * BOW];
  return { start, bend, end };
}

/** The arrow is near the receiver, apart from the arrow of the opposite direction. */
function arrow(context: CanvasRenderingContext2D, { start, bend, end }: Way, width: number): void {
  const [near, far] = [ARROW_AT, 1 - ARROW_AT];
  const on = (i: 0 | 1) => far * far * start[i] + 2 * near * far * bend[i] + near * near * end[i];
  const along = (i: 0 | 1) => far * (bend[i] - start[i]) + near * (end[i] - bend[i]);
  const [x, y] = [on(0), on(1)];
  const scale = (3.5 + width) / (Math.hypot(along(0), along(1)) || 1);
  const [dx, dy] = [along(0) * scale, along(1) * scale];
  context.beginPath();
  context.moveTo(x + dx, y + dy);
  context.lineTo(x - dx / 2 - dy / 1.5, y - dy / 2 + dx / 1.5);
  context.lineTo(x - dx / 2 + dy / 1.5, y - dy / 2 - dx / 1.5);
  context.fillStyle = context.strokeStyle;
  context.globalAlpha = 1;
  context.fill();
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, RADIUS + 2), most - RADIUS - 2);
}
