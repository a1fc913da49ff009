import { planCommand } from './cli/commands.ts';
import { runStage } from './cli/run-stage.ts';

// Loaded once the flags are read: --help and wrong flags need not wait for it.
await runStage(planCommand, async (flags, io) => (await import('./plan/plan.ts')).plan(flags, io));
