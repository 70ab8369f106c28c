/** The streams that ffmpeg found in a source: the codec names of the first stream of each kind. */
export interface InputStreams {
  readonly video: string | undefined;
  readonly audio: string | undefined;
  /** Size of the video in pixels; undefined where ffmpeg does not report it. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

const SIZE = /, (\d{2,5})x(\d{2,5})\b/;
const STREAM = /Stream #0:\d+(?:\D.*?)?: (Video|Audio): (\w+)/;
/** The lines about the input end with one of these. */
const END = /^(?:Output #0|Stream mapping:)/;
const BEGIN = 'Input #0';

/** Reads what ffmpeg's log says of its input, line by line without the level. */
export class StreamReader {
  #streams: InputStreams | undefined;
  #complete = false;

  /** undefined until the whole input has been listed. */
  get streams(): InputStreams | undefined {
    return this.#complete ? this.#streams : undefined;
  }

  /** Call it at the end of the log. If ffmpeg fails to start, some versions omit the line that ends the list. */
  end(): void {
    this.#complete = this.#streams?.video !== undefined || this.#streams?.audio !== undefined;
  }

  /** @param text one line */
  add(text: string): void {
    if (this.#complete) return;
    if (text.startsWith(BEGIN)) this.#streams = { video: undefined, audio: undefined };
    else if (END.test(text)) this.#complete = this.#streams !== undefined;
    else if (this.#streams !== undefined) this.#streams = withStream(this.#streams, text);
  }
}

function withStream(streams: InputStreams, text: string): InputStreams {
  const [, kind, codec] = STREAM.exec(text) ?? [];
  // Cover art is not video.
  if (kind === 'Video' && streams.video === undefined && !text.includes('(attached pic)')) {
    const [, width, height] = (SIZE.exec(text) ?? []).map(Number);
    return { ...streams, video: codec, width, height };
  }
  return kind === 'Audio' && streams.audio === undefined ? { ...streams, audio: codec } : streams;
}
