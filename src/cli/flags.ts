import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { closest, distance } from 'fastest-levenshtein';
import { exitCode, StageError } from '../lib/errors.ts';
import { wrapped } from './print.ts';

/** One flag of a stage: how it is read, what its value is called in `--help`, and what it is for. */
export interface Flag {
  kind: 'text' | 'texts' | 'pair' | 'patterns' | 'switch' | 'count' | 'duration' | 'amount';
  value?: string;
  help: string;
  /** A duration of none (`0s`) is one, too. */
  zero?: boolean;
  /** In the notation of the command line (`60m`, `5`). */
  default?: string;
  /** The default is a file or folder that the package has, too: the package's is taken where the working folder has none. */
  packaged?: true;
  /** An earlier name, which users' scripts may still give. */
  formerly?: string;
}

export type FlagTable = Readonly<Record<string, Flag>>;

type ValueOf<F extends Flag> = F['kind'] extends 'switch'
  ? boolean
  : F['kind'] extends 'texts'
    ? string[]
    : F['kind'] extends 'pair'
      ? [string, string] | undefined
      : F['kind'] extends 'patterns'
        ? RegExp[]
        : F['kind'] extends 'text'
          ? F extends { default: string }
            ? string
            : string | undefined
          : F extends { default: string }
            ? number
            : number | undefined;

/** What the flags of a table become: durations in milliseconds, counts as numbers, patterns global. */
export type Flags<T extends FlagTable> = { -readonly [K in keyof T]: ValueOf<T[K]> };

/**
 * Reads a command line by a table of flags.
 * @param say gets a line for each flag that is given by its former name
 * @throws StageError (exit 2) that names every wrong flag at once.
 */
export function parseFlags<T extends FlagTable>(
  table: T,
  argv: readonly string[],
  say: (line: string) => void = () => undefined,
): Flags<T> {
  const newNames = new Map(
    Object.entries(table).flatMap(([name, { formerly }]) =>
      formerly === undefined ? [] : [[formerly, name] as const],
    ),
  );
  const options = Object.fromEntries(
    Object.entries(table).flatMap(([name, flag]) =>
      [name, ...(flag.formerly === undefined ? [] : [flag.formerly])].map((one) => [
        one,
        {
          type: flag.kind === 'switch' ? ('boolean' as const) : ('string' as const),
          multiple: true as const,
        },
      ]),
    ),
  );
  // Not strict: its errors come one at a time and without a word of what to do.
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const problems: string[] = [];
  const given = new Map<string, string[]>();
  let unknownBefore = false;
  let pairBefore: string | undefined;
  for (const token of tokens) {
    // `--diff ami-1 ami-2`: the second value of a pair.
    if (token.kind === 'positional' && pairBefore !== undefined) {
      given.set(pairBefore, [...(given.get(pairBefore) ?? []), token.value]);
      pairBefore = undefined;
      continue;
    }
    pairBefore = undefined;
    // What follows an unknown flag is its value, most likely, and no problem of its own.
    if (token.kind === 'positional' && !unknownBefore) problems.push(`'${token.value}' is not a flag`);
    if (token.kind !== 'option') {
      unknownBefore = false;
      continue;
    }
    const name = newNames.get(token.name) ?? token.name;
    const flag = Object.hasOwn(table, name) ? table[name] : undefined;
    unknownBefore = flag === undefined;
    if (flag === undefined) problems.push(unknownFlag(token.rawName, Object.keys(table)));
    else if (flag.kind === 'switch' && token.value !== undefined)
      problems.push(`${token.rawName} takes no value`);
    else if (flag.kind !== 'switch' && (token.value === undefined || token.value === '')) {
      problems.push(`${token.rawName} needs a value: ${token.rawName} ${flag.value ?? 'VALUE'}`);
    } else {
      if (name !== token.name) say(`--${token.name} is now called --${name}`);
      const values = [...(given.get(name) ?? []), token.value ?? ''];
      given.set(name, values);
      if (flag.kind === 'pair' && values.length === 1) pairBefore = name;
    }
  }
  const values = Object.entries(table).map(([name, flag]) => [
    name,
    valueOf(name, flag, given.get(name) ?? [], problems),
  ]);
  if (problems.length > 0) throw new StageError(`${problems.join('\n')}\nSee --help.`, exitCode.badInput);
  return Object.fromEntries(values) as Flags<T>;
}

function valueOf(name: string, flag: Flag, given: string[], problems: string[]): unknown {
  if (flag.kind === 'switch') return given.length > 0;
  if (flag.kind === 'texts') return given;
  if (flag.kind === 'pair') {
    if (![0, 2].includes(given.length))
      problems.push(
        `--${name} needs two values, and is given ${given.length}: --${name} ${flag.value ?? 'A B'}`,
      );
    return given.length === 0 ? undefined : given;
  }
  if (flag.kind === 'patterns') return given.flatMap((text) => patternOf(name, text, problems));
  if (given.length > 1) problems.push(`--${name} is given ${given.length} times; give it once`);
  const text =
    given[0] ?? (flag.packaged && flag.default !== undefined ? ownOrPackaged(flag.default) : flag.default);
  if (text === undefined || flag.kind === 'text') return text;
  if (flag.kind === 'count') {
    if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
    problems.push(`--${name} '${text}' is not a whole number from 1`);
    return undefined;
  }
  if (flag.kind === 'amount') {
    if (/^\d{1,6}(\.\d{1,6})?$/.test(text)) return Number(text);
    problems.push(`--${name} '${text}' is not an amount such as 0.05`);
    return undefined;
  }
  const ms = flag.zero === true && /^0[smhd]$/.test(text) ? 0 : parseDurationMs(text);
  if (ms === undefined) problems.push(`--${name} '${text}' is not a time such as 90s, 60m, 1h or 30d`);
  return ms;
}

function patternOf(name: string, text: string, problems: string[]): RegExp[] {
  try {
    return [new RegExp(text, 'gu')];
  } catch (error) {
    const why = (error as Error).message.replace(/^Invalid regular expression: /, '');
    problems.push(`--${name} '${text}' is not a regular expression: ${why}`);
    return [];
  }
}

function unknownFlag(rawName: string, known: string[]): string {
  const given = rawName.replace(/^-+/, '');
  const near = closest(given, known);
  return `unknown flag ${rawName}${distance(given, near) > 2 ? '' : `; did you mean --${near}?`}`;
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of `90s`, `60m`, `1h` or `30d`; undefined for anything else. */
export function parseDurationMs(text: string): number | undefined {
  const match = /^([1-9]\d{0,5})([smhd])$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
}

/** The text of `--help`. */
export function helpText(stage: {
  name: string;
  summary: string;
  example: string;
  flags: FlagTable;
}): string {
  const rows = Object.entries(stage.flags).map(([name, flag]) => ({
    left: `--${name}${flag.kind === 'switch' ? '' : ` ${flag.value ?? 'VALUE'}`}`,
    right: flag.help + defaultText(flag),
  }));
  const width = Math.max(...rows.map((row) => row.left.length));
  const indent = ' '.repeat(width + 4);
  return [
    ...wrapped(`${stage.name}: ${stage.summary}`, helpWidth),
    '',
    ...rows.flatMap((row) => {
      const [first = '', ...more] = wrapped(row.right, helpWidth - indent.length);
      return [`  ${row.left.padEnd(width)}  ${first}`, ...more.map((line) => `${indent}${line}`)];
    }),
    '',
    'Example:',
    ...stage.example.split(' && ').map((command) => `  ${command}`),
    '',
  ].join('\n');
}

function defaultText({ default: value, packaged }: Flag): string {
  if (value === undefined) return '';
  return ` (default: ${value}${packaged ? ", else the package's" : ''})`;
}

/** Of a terminal that nobody has made wider. */
const helpWidth = 80;

/** The package's own file or folder of this name, seen from the package's root. */
export function packagedPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** A file or folder that a team may have of its own in the working folder; without one, the package's. */
export function ownOrPackaged(path: string): string {
  return existsSync(path) ? path : packagedPath(path);
}
