/** The product's own codec, under a name that the polluter's build does not replace. */
export * from '../../../packages/protocol/src/frames.ts';
