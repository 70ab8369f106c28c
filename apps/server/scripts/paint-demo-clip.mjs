/**
 * Paints the frames of the demo clip: dusk over water, with a paper boat that crosses once per loop.
 * Writes raw rgb24 frames to standard output; make-demo-clip.sh adds the text and encodes them.
 * A program instead of an ffmpeg filter, because a wave's edge is one number per column: `geq` computes it again for
 * each pixel and colour, and takes an hour where this takes half a minute.
 *
 * Everything moves by whole periods per loop, so that the last frame leads into the first.
 *
 * @typedef {{ base: number, waves: [amplitude: number, lengthPx: number, lengthsMovedInALoop: number][],
 *   colour: [red: number, green: number, blue: number], light: number }} Layer
 */
const [WIDTH, HEIGHT, FRAMES] = [960, 540, 400];
const TURN = 2 * Math.PI;
const CREST_DEPTH = 26;
const SUN = { x: 690, y: 200, radius: 46 };
const BOAT = { width: 96, height: 72, draught: 12 };

/** From the farthest to the nearest. @type {Layer[]} */
const LAYERS = [
  {
    base: 318,
    waves: [
      [5, 320, 1],
      [3, 160, -2],
    ],
    colour: [122, 168, 172],
    light: 60,
  },
  {
    base: 352,
    waves: [
      [11, 480, 2],
      [5, 192, -3],
    ],
    colour: [52, 128, 146],
    light: 62,
  },
  {
    base: 402,
    waves: [
      [14, 640, -2],
      [6, 240, 3],
    ],
    colour: [24, 92, 120],
    light: 58,
  },
  {
    base: 452,
    waves: [
      [13, 480, 3],
      [5, 320, -4],
    ],
    colour: [13, 62, 92],
    light: 46,
  },
  {
    base: 500,
    waves: [
      [12, 960, -3],
      [5, 320, 2],
    ],
    colour: [7, 38, 64],
    light: 36,
  },
];
/** The boat sails behind this layer, so that its hull dips into the water. */
const BOAT_LAYER = 1;

/** @param {number} value */
const unit = (value) => Math.min(1, Math.max(0, value));

/** Height of a layer's edge at a column. @param {Layer} layer @param {number} x @param {number} turn 0 to 1 */
function edge({ base, waves }, x, turn) {
  return waves.reduce(
    (y, [high, long, moved]) => y + high * Math.sin(TURN * (x / long + moved * turn)),
    base,
  );
}

/**
 * Deep teal above, peach at the horizon, and a low sun whose glow pulses once per loop.
 * @param {Float32Array} frame @param {number} turn
 */
function paintSky(frame, turn) {
  const reach = 150 + 12 * Math.sin(TURN * turn);
  for (let y = 0; y < 340; y++) {
    const down = y / 340;
    const [red, green, blue] = [24 + 205 * down ** 1.7, 58 + 118 * down ** 1.3, 96 + 52 * down ** 0.9];
    for (let x = 0; x < WIDTH; x++) {
      const distance = Math.hypot(x - SUN.x, y - SUN.y);
      const glow = Math.exp(-((distance / reach) ** 2));
      const disk = unit((SUN.radius - distance) / 2);
      const at = (y * WIDTH + x) * 3;
      frame[at] = red + 100 * glow + 120 * disk;
      frame[at + 1] = green + 52 * glow + 120 * disk;
      frame[at + 2] = blue + 14 * glow + 90 * disk;
    }
  }
}

/**
 * Water: the layer's colour in the depth, lit along the crest, its edge softened over two pixels.
 * @param {Float32Array} frame @param {Layer} layer @param {number} turn
 */
function paintLayer(frame, layer, turn) {
  const [red, green, blue] = layer.colour;
  for (let x = 0; x < WIDTH; x++) {
    const top = edge(layer, x, turn);
    for (let y = Math.floor(top); y < HEIGHT; y++) {
      const cover = unit((y - top) / 2);
      const lit = layer.light * Math.exp(-Math.max(y - top, 0) / CREST_DEPTH);
      blend(frame, x, y, cover, red + lit, green + 1.15 * lit, blue + 1.1 * lit);
    }
  }
}

/**
 * A folded-paper boat: a sail in two shades over a hull, rocking with the water.
 * @param {Float32Array} frame @param {number} turn
 */
function paintBoat(frame, turn) {
  const middle = turn * (WIDTH + BOAT.width) - BOAT.width / 2;
  const layer = LAYERS[BOAT_LAYER];
  const water = edge(layer, middle, turn);
  const tilt = Math.atan((edge(layer, middle + 30, turn) - edge(layer, middle - 30, turn)) / 60) * 0.7;
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
  const keel = water + BOAT.draught;
  for (let y = Math.floor(keel - BOAT.height - 10); y < keel + 20; y++) {
    for (let x = Math.max(0, Math.floor(middle - 60)); x < Math.min(WIDTH, middle + 60); x++) {
      // Coordinates along the boat's own axes: across from its middle, up from its keel.
      const across = (x - middle) * cos + (y - keel) * sin;
      const up = (x - middle) * sin - (y - keel) * cos;
      const sail = unit(up - 24) * unit((68 - up) / 1.75 - Math.abs(across) + 0.5);
      const hull = unit(up) * unit(24.5 - up) * unit(27 + up * 0.85 - Math.abs(across));
      const shade = (across > 0 ? 0.87 : 1) * (up < 24 ? 0.9 : 1);
      blend(frame, x, y, Math.max(sail, hull), 255 * shade, 249 * shade, 238 * shade);
    }
  }
}

/** The track at the bottom, with a dot that runs along it. @param {Float32Array} frame @param {number} turn */
function paintTrack(frame, turn) {
  const [left, length, middle] = [56, 848, 508];
  const dot = left + length * turn;
  for (let y = middle - 10; y <= middle + 10; y++) {
    for (let x = left - 10; x <= left + length + 10; x++) {
      const onTrack = x >= left && x <= left + length && Math.abs(y - middle) <= 1;
      const onDot = unit(9 - Math.hypot(x - dot, y - middle));
      blend(frame, x, y, Math.max(onDot, onTrack ? (x < dot ? 0.75 : 0.3) : 0), 255, 255, 255);
    }
  }
}

/**
 * @param {Float32Array} frame @param {number} x @param {number} y @param {number} cover 0 to 1
 * @param {number} red @param {number} green @param {number} blue
 */
function blend(frame, x, y, cover, red, green, blue) {
  if (cover <= 0) return;
  const at = (y * WIDTH + x) * 3;
  frame[at] += cover * (Math.min(255, red) - frame[at]);
  frame[at + 1] += cover * (Math.min(255, green) - frame[at + 1]);
  frame[at + 2] += cover * (Math.min(255, blue) - frame[at + 2]);
}

const frame = new Float32Array(WIDTH * HEIGHT * 3);
for (let number = 0; number < FRAMES; number++) {
  const turn = number / FRAMES;
  paintSky(frame, turn);
  LAYERS.forEach((layer, index) => {
    if (index === BOAT_LAYER) paintBoat(frame, turn);
    paintLayer(frame, layer, turn);
  });
  paintTrack(frame, turn);
  // Clamps and rounds. Awaiting each write keeps only one frame in memory.
  const bytes = Uint8ClampedArray.from(frame);
  await new Promise((written) => process.stdout.write(bytes, written));
}
