import { readChoice } from './giving.ts';

/**
 * What the broadcaster wants viewers to be asked: `notice`: shared, and told so; `ask`: nothing is given before the viewer
 * says yes; `off`: nothing is given until the viewer switches it on.
 */
export const CONSENT_MODES = ['notice', 'ask', 'off'] as const;
export type ConsentMode = (typeof CONSENT_MODES)[number];

/** Where the server says it, in the multivariant playlist (EXT-X-SESSION-DATA). */
const DATA_ID = 'app.freshet.consent';

/** The playlist's session data as hls.js has it. Without a word in it, viewers are told; an unknown word asks. */
export function consentMode(
  sessionData: Readonly<Record<string, Readonly<Partial<Record<string, unknown>>> | undefined>> | null,
): ConsentMode {
  const said = sessionData?.[DATA_ID]?.['VALUE'];
  if (said === undefined) return 'notice';
  return CONSENT_MODES.find((mode) => mode === said) ?? 'ask';
}

/**
 * Whether this viewer gives. Its own choice wins; before the broadcaster's wish is known nothing is given without one.
 * @param mode undefined: not known yet
 */
export function isGiving(mode: ConsentMode | undefined): boolean {
  return readChoice() ?? mode === 'notice';
}

/** The viewer has to be asked. */
export function mustAsk(mode: ConsentMode | undefined): boolean {
  return mode === 'ask' && readChoice() === undefined;
}
