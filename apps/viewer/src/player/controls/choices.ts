/** One line of the settings. `value`: hls.js's index; -1 is automatic, or off. */
export interface Choice {
  readonly value: number;
  readonly label: string;
  readonly chosen: boolean;
}

export interface Level {
  readonly height: number;
  readonly bitrate: number;
}

export interface Track {
  readonly id: number;
  readonly name: string;
  readonly lang?: string | undefined;
}

/**
 * Lists the levels, best first.
 * @param wanted -1: automatic
 * @param playing the level that the automatic choice names
 */
export function qualityChoices(levels: readonly Level[], wanted: number, playing: number): readonly Choice[] {
  if (levels.length < 2) return [];
  const heights = levels.map(({ height }) => height);
  const named = levels.map((level, value) => ({
    value,
    label: levelName(level, heights.filter((height) => height === level.height).length > 1),
    chosen: value === wanted,
    bitrate: level.bitrate,
  }));
  const now = named[playing]?.label;
  const automatic = now === undefined || wanted !== -1 ? 'Automatic' : `Automatic (${now})`;
  return [
    { value: -1, label: automatic, chosen: wanted === -1 },
    ...named
      .toSorted((a, b) => b.bitrate - a.bitrate)
      .map(({ value, label, chosen }) => ({ value, label, chosen })),
  ];
}

export function audioChoices(tracks: readonly Track[], wanted: number): readonly Choice[] {
  return tracks.length < 2 ? [] : tracks.map((track, value) => choice(track, value, wanted));
}

export function subtitleChoices(tracks: readonly Track[], wanted: number): readonly Choice[] {
  if (tracks.length === 0) return [];
  return [
    { value: -1, label: 'Off', chosen: wanted === -1 },
    ...tracks.map((track, value) => choice(track, value, wanted)),
  ];
}

function choice({ name, lang }: Track, value: number, wanted: number): Choice {
  return {
    value,
    label: [name, lang, `Track ${value + 1}`].find((text) => text !== undefined && text !== '') ?? '',
    chosen: value === wanted,
  };
}

/** Levels of one height are distinguished by their bitrate; audio-only levels have no height. */
function levelName({ height, bitrate }: Level, isAmbiguous: boolean): string {
  const rate =
    bitrate < 999_500 ? `${Math.round(bitrate / 1000)} kbit/s` : `${(bitrate / 1e6).toFixed(1)} Mbit/s`;
  if (height === 0) return rate;
  return isAmbiguous ? `${height}p, ${rate}` : `${height}p`;
}
