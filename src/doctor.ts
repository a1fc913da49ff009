import { doctorResult } from './doctor/doctor-result.ts';
import { examine } from './doctor/examine.ts';
import { doctorCommand } from './cli/doctor-command.ts';
import { runStage } from './cli/run-stage.ts';

await runStage(doctorCommand, async (flags, { signal }) => {
  const closing = flags.offline ? ['AWS was not asked (--offline).'] : [];
  return doctorResult(await examine(flags, signal), closing);
});
