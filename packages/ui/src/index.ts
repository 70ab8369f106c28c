export { snippetWithCopy } from './copy-snippet.ts';
export { find, setText } from './dom.ts';
export { embedSnippet } from './embed-snippet.ts';
export { formatBytes, formatCount, formatKinds, formatSeconds, formatShare } from './format.ts';
export { STREAM_STATES, stateLabel, type StreamState } from './stream-state.ts';
