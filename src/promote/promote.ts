import type { StageMain } from '../cli/run-stage.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import { chooseNodes } from '../plan/plan-file.ts';
import { checkPromoteFlags, type PromoteFlags } from './promote-flags.ts';

/** The stage promote: puts verified images into service, rolls back, revokes. */
export const promote: StageMain<PromoteFlags> = async (flags, io) => {
  checkPromoteFlags(flags);
  try {
    if (flags.revoke !== undefined) return await (await import('./revoke.ts')).revoke(flags, io);
    await chooseNodes(flags, io.say);
    throw new StageError('promote is not built yet', exitCode.unavailable);
  } finally {
    if (flags.verbose) {
      const { callCounts, callLines } = await import('../aws/connect.ts');
      for (const line of callLines(callCounts())) io.say(line);
    }
  }
};
