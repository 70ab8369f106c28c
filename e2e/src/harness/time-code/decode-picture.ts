/** Layout of the time code in the picture, in pixels of the clip. */
export interface TimeCodeLayout {
  readonly bits: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
}

/** The picture that a page's player shows at one moment. */
export interface TimeCode {
  /** Number of the picture, from 0 at the start of the clip. */
  readonly picture: number;
  /** Date.now() when the picture was read. */
  readonly wallMs: number;
}

/**
 * Reads the time code from the page's video. Runs in the page. It is passed as source text, so it refers to nothing
 * outside itself.
 */
export function decodePicture({ bits, cellWidth, cellHeight }: TimeCodeLayout): TimeCode | undefined {
  /** Black and white are about 220 steps apart. */
  const LEAST_CONTRAST = 80;
  /** Shadow trees included: a player may be a custom element. */
  const findVideo = (root: ParentNode): HTMLVideoElement | undefined => {
    const direct = root.querySelector('video');
    if (direct !== null) return direct;
    for (const element of root.querySelectorAll('*')) {
      const inner = element.shadowRoot === null ? undefined : findVideo(element.shadowRoot);
      if (inner !== undefined) return inner;
    }
    return undefined;
  };
  const video = findVideo(document);
  if (video === undefined || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return undefined;
  const canvas = document.createElement('canvas');
  const width = bits * cellWidth;
  canvas.width = width;
  canvas.height = 2 * cellHeight;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return undefined;
  const wallMs = Date.now();
  context.drawImage(video, 0, 0);
  const { data } = context.getImageData(0, 0, width, 2 * cellHeight);
  // The blocks are black or white, so one channel suffices.
  const green = (column: number, row: number): number => {
    let sum = 0;
    let count = 0;
    for (let y = row * cellHeight + 5; y < (row + 1) * cellHeight - 5; y++)
      for (let x = column * cellWidth + 8; x < (column + 1) * cellWidth - 8; x++) {
        sum += data[(y * width + x) * 4 + 1] ?? 0;
        count++;
      }
    return sum / count;
  };
  let picture = 0;
  for (let bit = 0; bit < bits; bit++) {
    const contrast = green(bit, 0) - green(bit, 1);
    if (Math.abs(contrast) < LEAST_CONTRAST) return undefined;
    if (contrast > 0) picture += 2 ** bit;
  }
  return { picture, wallMs };
}
