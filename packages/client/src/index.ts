export { Freshet } from './freshet.ts';
export type {
  FreshetEvents,
  FreshetOptions,
  FreshetState,
  FreshetWarning,
  StateCode,
  Statistics,
  WarningCode,
} from './public-types.ts';
