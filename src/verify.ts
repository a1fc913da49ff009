import { verifyCommand } from './cli/commands.ts';
import { runStage } from './cli/run-stage.ts';

// Loaded once the flags are read: --help and wrong flags need not wait for it.
await runStage(verifyCommand, async (flags, io) => (await import('./verify/verify.ts')).verify(flags, io));
