import { buildCommand } from './cli/commands.ts';
import { runStage } from './cli/run-stage.ts';

// Loaded once the flags are read: --help and wrong flags need not wait for it.
await runStage(buildCommand, async (flags, io) => (await import('./build/build.ts')).build(flags, io));
