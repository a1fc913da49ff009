import { verifyCommand } from './stage/commands.ts';
import { runStage } from './stage/run-stage.ts';

// Loaded once the flags are read: --help and wrong flags need not wait for it.
await runStage(verifyCommand, async (flags, io) => (await import('./stages/verify.ts')).verify(flags, io));
