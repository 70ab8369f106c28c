import { readChoice } from './giving.ts';

/**
 * The broadcaster's consent mode. `notice`: the viewer uploads and is told so. `ask`: it uploads nothing before it
 * agrees. `off`: it uploads nothing until it switches sharing on.
 */
const CONSENT_MODES = ['notice', 'ask', 'off'] as const;
export type ConsentMode = (typeof CONSENT_MODES)[number];

/** DATA-ID of the mode in the multivariant playlist's EXT-X-SESSION-DATA. */
const DATA_ID = 'app.freshet.consent';

/**
 * Reads the mode from the playlist's session data, as hls.js provides it. No mode means `notice`; an unknown mode means
 * `ask`.
 */
export function consentMode(
  sessionData: Readonly<Record<string, Readonly<Partial<Record<string, unknown>>> | undefined>> | null,
): ConsentMode {
  const said = sessionData?.[DATA_ID]?.['VALUE'];
  if (said === undefined) return 'notice';
  return CONSENT_MODES.find((mode) => mode === said) ?? 'ask';
}

/**
 * Whether this viewer uploads. Its own choice wins. Without one, it uploads nothing before the mode is known.
 * @param mode undefined: not known yet
 */
export function isGiving(mode: ConsentMode | undefined): boolean {
  return readChoice() ?? mode === 'notice';
}

/** Whether the viewer has to be asked. */
export function mustAsk(mode: ConsentMode | undefined): boolean {
  return mode === 'ask' && readChoice() === undefined;
}
