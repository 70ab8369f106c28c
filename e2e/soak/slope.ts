/** A figure at a moment. */
export interface Sample {
  /** Since the start of the run. */
  readonly minutes: number;
  readonly value: number;
}

/**
 * Growth per hour, as the slope of the line with the least squared distance from the samples. NaN with fewer than two
 * moments.
 */
export function growthPerHour(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const minutes = mean((sample) => sample.minutes);
  const value = mean((sample) => sample.value);
  const spread = mean((sample) => (sample.minutes - minutes) ** 2);
  return (mean((sample) => (sample.minutes - minutes) * (sample.value - value)) / spread) * 60;
}

/**
 * The least value of each group of samples in order. Between two garbage collections a heap grows, and its least size is
 * what is in use.
 */
export function troughs(samples: readonly Sample[], size: number): readonly Sample[] {
  const found: Sample[] = [];
  for (let i = 0; i + size <= samples.length; i += size) {
    const group = samples.slice(i, i + size);
    const least = Math.min(...group.map(({ value }) => value));
    found.push(...group.filter(({ value }) => value === least).slice(0, 1));
  }
  return found;
}
