import { definePlayer, type FreshetPlayer } from './freshet-player.ts';

/** The entry of the npm package `@freshet/player`. Importing it defines `<freshet-player>`. */
export { definePlayer, FreshetPlayer } from './freshet-player.ts';
export type { FreshetPlayerEvents, PlayerPhase } from './freshet-player.ts';
export type { FreshetPlayerAttributes } from './attributes.ts';
export type { Trouble } from './trouble.ts';

definePlayer();

declare global {
  interface HTMLElementTagNameMap {
    'freshet-player': FreshetPlayer;
  }
}
