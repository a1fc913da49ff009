import { exitCode, exitCodeOf } from './exit.ts';
import { type Flags, type FlagTable, helpText, parseFlags } from './flags.ts';
import { printDiagnosis, printResult } from './print.ts';
import { printable, printableJson, printableLines } from './printable.ts';
import type { Table } from './table.ts';

/** What a stage is, for `--help` and for reading its command line. */
export interface Stage<T extends FlagTable> {
  name: string;
  summary: string;
  example: string;
  flags: T;
}

/** What a stage hands back: the same result for a person and for a program. */
export interface Result {
  exitCode: number;
  json: unknown;
  table: Table;
  /** Lines after the table. */
  closing?: string[];
}

/** What a stage gets besides its flags. */
export interface Io {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP: the stage cleans up and returns. */
  signal: AbortSignal;
  /** A line of diagnosis, to stderr. */
  say: (line: string) => void;
}

/** What a stage does once its flags are read. */
export type StageMain<S extends Stage<FlagTable>> = (flags: Flags<S['flags']>, io: Io) => Promise<Result>;

/**
 * Runs a stage as the process: reads its flags, prints its result to stdout, turns what it throws into a message
 * and an exit code, and lets it clean up when it is interrupted. Ends the process.
 */
export async function runStage<T extends FlagTable>(
  stage: Stage<T>,
  main: (flags: Flags<T>, io: Io) => Promise<Result>,
): Promise<void> {
  const say = printDiagnosis;
  const interruption = new AbortController();
  let code: number = exitCode.done;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (interruption.signal.aborted) return;
      say(`${stage.name}: ${name}: cleaning up before the end`);
      interruption.abort(name);
    });
  }
  try {
    const argv = process.argv.slice(2);
    if (argv.includes('--help')) {
      await printResult(helpText(stage));
    } else {
      const flags = parseFlags(stage.flags, argv);
      const result = await main(flags, { signal: interruption.signal, say });
      await printResult(
        flags.json === true ? `${printableJson(result.json)}\n` : await textForPerson(result),
      );
      code = result.exitCode;
    }
  } catch (error) {
    code = exitCodeOf(error);
    // What only says that it was told to end has been said.
    if (interruption.signal.aborted && error === interruption.signal.reason) say(`${stage.name}: ended`);
    else {
      const bug = code === exitCode.bug;
      const text = bug ? `a bug of Bakehouse: ${stackOf(error)}` : (error as Error).message;
      for (const line of printableLines(text)) say(`${stage.name}: ${line}`);
    }
  }
  if (interruption.signal.aborted)
    code = exitCode[interruption.signal.reason as 'SIGINT' | 'SIGTERM' | 'SIGHUP'];
  process.exit(code);
}

async function textForPerson({ table, closing = [] }: Result): Promise<string> {
  // Here, not above: --help and --json have no columns to align.
  const { tableText } = await import('./table.ts');
  return (await tableText(table)) + closing.map((line) => `${printable(line)}\n`).join('');
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
