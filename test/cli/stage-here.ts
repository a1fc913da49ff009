import { type Flags, type FlagTable, parseFlags } from '../../src/cli/flags.ts';
import type { StageMain } from '../../src/cli/run-stage.ts';
import { exitCodeOf } from '../../src/lib/errors.ts';
import type { StageEnd } from './stage-process.ts';

/**
 * A stage's code in this process, where its decision is asked for: a process takes half a second. That run-stage.ts ends
 * a process with this code and this sentence, one test of each stage shows.
 */
export async function stageHere<T extends FlagTable>(
  table: T,
  main: StageMain<Flags<T>>,
  args: readonly string[],
  folder: string,
): Promise<StageEnd> {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const before = process.cwd();
  process.chdir(folder);
  try {
    const signal = new AbortController().signal;
    const { exitCode, json } = await main(parseFlags(table, args, say), { say, signal });
    return { exitCode, stdout: JSON.stringify(json), stderr: lines.join('\n') };
  } catch (error) {
    return {
      exitCode: exitCodeOf(error),
      stdout: '',
      stderr: [...lines, (error as Error).message].join('\n'),
    };
  } finally {
    process.chdir(before);
  }
}
