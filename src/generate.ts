import { generateCommand } from './cli/commands.ts';
import { runStage } from './cli/run-stage.ts';

// Loaded once the flags are read: --help and wrong flags need not wait for it.
await runStage(generateCommand, async (flags, io) =>
  (await import('./generate/generate.ts')).generate(flags, io),
);
