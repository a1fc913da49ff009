import { existsSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { exitCode, exitCodeOf } from '../lib/errors.ts';
import { type Flags, type FlagTable, helpText, parseFlags } from './flags.ts';
import { printDiagnosis, printResult } from './print.ts';
import { printable, printableJson, printableLines } from '../lib/printable.ts';
import type { Table } from './table.ts';

/** What a stage is, for `--help` and for reading its command line. */
export interface Stage<T extends FlagTable> {
  name: string;
  summary: string;
  example: string;
  /** What it does once it is interrupted, in place of `cleaning up before the end`. */
  cleaningUp?: string;
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

/**
 * The answer of what only reads, unless a signal comes first.
 * @throws the signal's reason: then the process ends at once, and what is still being read is dropped
 */
export async function untilAborted<T>(signal: AbortSignal, answer: Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    const end = () => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a signal's name is its reason
      reject(signal.reason);
    };
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
  });
  // The first of the two counts, should both be there.
  return Promise.race([aborted, answer]);
}

/** What a stage does once its flags are read. It names the flags that it uses; its entrypoint, which has them, is checked against that. */
export type StageMain<F> = (flags: F, io: Io) => Promise<Result>;

/**
 * Whether the file of this URL is what node was told to run. Otherwise it was imported: by another entrypoint, which
 * runs it by itself, or by a test.
 */
export function isMain(url: string): boolean {
  const [, called = ''] = process.argv;
  const file = fileURLToPath(url);
  // A link is called by its own name; node and tsx also take the name without its ending.
  return [file, file.replace(/\.[jt]s$/, '')].includes(existsSync(called) ? realpathSync(called) : called);
}

/**
 * Runs a stage as the process: reads its flags, prints its result to stdout, turns what it throws into a message
 * and an exit code, and lets it clean up when it is interrupted. Ends the process.
 */
export async function runStage<T extends FlagTable>(
  stage: Stage<T>,
  argv: readonly string[],
  main: (flags: Flags<T>, io: Io) => Promise<Result>,
): Promise<void> {
  const say = printDiagnosis;
  const interruption = new AbortController();
  let code: number = exitCode.done;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      const { cleaningUp = 'cleaning up before the end' } = stage;
      const still = interruption.signal.aborted ? 'still ' : '';
      say(`${stage.name}: ${name}: ${still}${cleaningUp}`);
      interruption.abort(name);
    });
  }
  try {
    if (argv.includes('--help')) {
      const { flags, example } = stage;
      await printResult(helpText({ ...stage, example: asCalled(example), flags: { ...flags, version } }));
    } else if (argv.includes('--version')) {
      await printResult(`${await versionText()}\n`);
    } else {
      const flags = parseFlags(stage.flags, argv, (line) => {
        say(`${stage.name}: ${line}`);
      });
      const result = await main(flags, { signal: interruption.signal, say });
      await printResult(
        flags.json === true ? `${printableJson(result.json)}\n` : await textForPerson(result),
      );
      code = result.exitCode;
    }
  } catch (error) {
    code = exitCodeOf(error);
    const { aborted } = interruption.signal;
    // The line of the signal has said so already.
    const isEnd = aborted && error === interruption.signal.reason;
    const text = isEnd
      ? 'ended'
      : code === exitCode.bug
        ? `a bug of Bakehouse: ${stackOf(error)}`
        : (error as Error).message;
    for (const line of printableLines(text)) say(`${stage.name}: ${line}`);
    if (aborted) code = exitCodeOfSignal(interruption.signal);
    // Also after wrong flags: who asks for JSON reads stdout first.
    if (Object.hasOwn(stage.flags, 'json') && argv.includes('--json'))
      await printResult(`${printableJson(errorJson(code, text))}\n`);
  }
  if (interruption.signal.aborted) code = exitCodeOfSignal(interruption.signal);
  process.exit(code);
}

/** Text with `bakehouse <command>` as a person has to call it: in this repository a program of its own, of the package its one program. */
export function asCalled(text: string): string {
  const isSource = import.meta.url.endsWith('.ts');
  return text.replace(/\bbakehouse ([a-z]+)/g, isSource ? 'node --import tsx src/$1.ts' : 'npx bakehouse $1');
}

const version = { kind: 'switch', help: 'print the version' } as const;

/** `bakehouse 1.2.3` */
export async function versionText(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return `bakehouse ${(JSON.parse(text) as { version: string }).version}`;
}

function exitCodeOfSignal({ reason }: AbortSignal): number {
  return exitCode[reason as 'SIGINT' | 'SIGTERM' | 'SIGHUP'];
}

async function textForPerson({ table, closing = [] }: Result): Promise<string> {
  // Here, not above: --help and --json have no columns to align.
  const { screenOf, tableText } = await import('./table.ts');
  return (
    (await tableText(table, screenOf(process.stdout, process.env))) +
    closing.map((line) => `${printable(line)}\n`).join('')
  );
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What `--json` prints in place of a result when there is none. */
export interface ErrorJson {
  schema: 1;
  error: {
    code: 'bug' | 'bad-input' | 'node-failed' | 'unavailable' | 'interrupted';
    /** As on stderr; several problems have a line each. */
    message: string;
    /** Where the first problem is that has a place. */
    place?: { file: string; line: number; column?: number };
  };
}

const codes: Readonly<Record<number, ErrorJson['error']['code']>> = {
  [exitCode.badInput]: 'bad-input',
  [exitCode.nodeFailed]: 'node-failed',
  [exitCode.unavailable]: 'unavailable',
  [exitCode.SIGHUP]: 'interrupted',
  [exitCode.SIGINT]: 'interrupted',
  [exitCode.SIGTERM]: 'interrupted',
};

/**
 * An error for a program.
 * @param code the exit code
 */
export function errorJson(code: number, message: string): ErrorJson {
  const place = code === exitCode.badInput ? placeIn(message) : undefined;
  return { schema: 1, error: { code: codes[code] ?? 'bug', message, ...(place && { place }) } };
}

/** Only of wrong input: elsewhere a name and a number are a server and its port. */
function placeIn(message: string): ErrorJson['error']['place'] {
  const match = /^([^\s:][^:\n]*):(\d+)(?::(\d+))?: /m.exec(message);
  if (match === null) return undefined;
  const [, file = '', line, column] = match;
  return { file, line: Number(line), ...(column === undefined ? {} : { column: Number(column) }) };
}
