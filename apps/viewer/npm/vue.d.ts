/** `import '@freshet/player/vue'`: the element, and `<freshet-player>` in the templates of Vue 3. */
import type { HTMLAttributes } from 'vue';
import type { FreshetPlayerAttributes, FreshetPlayerEvents } from './element.js';

/** `@statistics`, `@phase` and so on. */
type Listeners = {
  readonly [Name in keyof FreshetPlayerEvents as `on${Capitalize<Name>}`]?: (
    event: FreshetPlayerEvents[Name],
  ) => void;
};

declare module 'vue' {
  interface GlobalComponents {
    'freshet-player': new () => {
      readonly $props: Omit<HTMLAttributes, keyof Listeners> & FreshetPlayerAttributes & Listeners;
    };
  }
}
export * from './element.js';
