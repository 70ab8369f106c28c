export { Freshet } from './freshet.ts';
export type {
  FreshetEvents,
  FreshetOptions,
  FreshetState,
  FreshetWarning,
  LinkKind,
  StateCode,
  Statistics,
  WarningCode,
} from './api.ts';
