/** One line of Prometheus' text format. */
interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** The figures of one scrape. */
export class Metrics {
  readonly #samples: readonly Sample[];

  /** @param text Prometheus' text exposition format 0.0.4. */
  constructor(text: string) {
    this.#samples = text.split('\n').flatMap((line) => parseLine(line) ?? []);
  }

  /**
   * The sum of all series of that name with these labels. 0 without any: a counter appears when it is first counted.
   */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.#samples
      .filter(
        (sample) =>
          sample.name === name &&
          Object.entries(labels).every(([label, value]) => sample.labels.get(label) === value),
      )
      .reduce((sum, { value }) => sum + value, 0);
  }

  /** Bytes of media segments that left the server. */
  originSegmentBytes(stream: string): number {
    return this.sum('freshet_origin_bytes_total', { stream, kind: 'segment' });
  }

  /** Bytes of media segments that entered the buffer. */
  publishedBytes(stream: string): number {
    return this.sum('freshet_published_bytes_total', { stream });
  }
}

function parseLine(line: string): Sample | undefined {
  const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (match === null) return undefined;
  const [, name = '', labelText = '', value] = match;
  const labels = new Map(
    Array.from(labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g), ([, label = '', text = '']) => [
      label,
      text,
    ]),
  );
  return { name, labels, value: Number(value) };
}
