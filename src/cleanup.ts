import { cleanupCommand } from './cli/commands.ts';
import { runStage } from './cli/run-stage.ts';

// Loaded once the flags are read: --help and wrong flags need not wait for it.
await runStage(cleanupCommand, async (flags, io) =>
  (await import('./cleanup/cleanup.ts')).cleanup(flags, io),
);
