import type { StageMain } from '../cli/run-stage.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import type { PromoteFlags } from './promote-flags.ts';

/** `promote --revoke`: takes an image and all that was made of it out of service. */
export const revoke: StageMain<PromoteFlags> = () =>
  Promise.reject(new StageError('promote --revoke is not built yet', exitCode.unavailable));
