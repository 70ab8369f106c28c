/** `import '@freshet/player/react'`: the element, and `<freshet-player>` in React 19's JSX. */
import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { FreshetPlayer, FreshetPlayerAttributes, FreshetPlayerEvents } from './element.js';

/** `onstatistics`, `onphase` and so on. React uses the text after `on` unchanged as the event's name. */
type Listeners = {
  readonly [Name in keyof FreshetPlayerEvents as `on${Name}`]?: (event: FreshetPlayerEvents[Name]) => void;
};

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'freshet-player': Omit<
        DetailedHTMLProps<HTMLAttributes<FreshetPlayer>, FreshetPlayer>,
        keyof Listeners
      > &
        FreshetPlayerAttributes &
        Listeners;
    }
  }
}
export * from './element.js';
