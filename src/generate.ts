import { generateCommand } from './stage/commands.ts';
import { runStage } from './stage/run-stage.ts';

// Loaded once the flags are read: --help and wrong flags need not wait for it.
await runStage(generateCommand, async (flags, io) =>
  (await import('./stages/generate.ts')).generate(flags, io),
);
