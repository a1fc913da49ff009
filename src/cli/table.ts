import { styleText } from 'node:util';
import { printable } from '../lib/printable.ts';
import { wrapped } from './print.ts';

/** A result for a person: a line of headings and rows of cells. */
export interface Table {
  head: string[];
  rows: Cell[][];
}

/** A line, or several. A line break within a line is none of ours: somebody's text must not make rows of its own. */
export type Cell = string | readonly string[];

/** What shows the table. */
export interface Screen {
  /** Cells in a line. */
  width: number;
  /** Sentences are broken at the width: what is not a terminal may break lines itself, and is searched line by line. */
  wrap: boolean;
  colour: boolean;
}

/** A file, a pipe, Jenkins' console. */
const noScreen: Screen = { width: 100, wrap: false, colour: false };

/** What stdout shows: a terminal, as wide as it says and with colour unless NO_COLOR is set (https://no-color.org). */
export function screenOf(
  stdout: { isTTY?: boolean; columns?: number },
  { NO_COLOR = '', TERM = '' }: NodeJS.ProcessEnv,
): Screen {
  if (stdout.isTTY !== true) return noScreen;
  return { width: stdout.columns ?? 80, wrap: true, colour: NO_COLOR === '' && TERM !== 'dumb' };
}

const gap = '  ';
const below = '    ';
/** Columns of sentences: where a row does not fit, these go below it. */
const sentences = new Set(['found', 'what to do', 'why', 'reason', 'current']);
/** Columns that say how something is. */
const states = new Set(['state', 'result', 'decision', 'plan', 'change']);

const good = new Set([
  ...['ok', 'baked', 'verified', 'unchanged', 'deleted'],
  ...['promoted', 'rolled back', 'current already'],
]);
const bad = new Set([
  ...['missing', 'wrong', 'failed', 'FAILED', 'timed-out'],
  ...['rejected', 'revoked', 'UNDECIDED', 'verified, NOT TAGGED'],
]);
const doubtful = new Set(['warning', 'unknown', 'unverified', 'interrupted', 'held back', 'not done']);

function colourOf(state: string): 'green' | 'red' | 'yellow' | undefined {
  if (good.has(state)) return 'green';
  if (bad.has(state)) return 'red';
  return doubtful.has(state) ? 'yellow' : undefined;
}

/**
 * The table as text, columns aligned, without frames. A cell of several lines makes its row so high; sentences for which
 * the screen is too narrow stand below their row. Whatever its cells hold, it is safe to print.
 */
export async function tableText(table: Table, screen: Screen = noScreen): Promise<string> {
  if (table.rows.length === 0) return '';
  const rows = [table.head.map((cell) => cell.toUpperCase()), ...table.rows].map((row) =>
    row.map((cell) => (typeof cell === 'string' ? [cell] : cell).map(printable)),
  );
  const widthOf = await measure(rows.flat(2));
  const isSentence = table.head.map((name) => sentences.has(name));
  const end = table.head.length - 1;
  // Beside what stands in columns a row must fit by itself, and then beside the sentences of the others that fit.
  const fixed = widest(rows, widthOf);
  const total = (row: readonly string[][], widths: readonly number[]) => {
    const own = widest([row], widthOf);
    return fixed.reduce(
      (sum, width, column) =>
        sum + gap.length + (isSentence[column] ? Math.max(own[column] ?? 0, widths[column] ?? 0) : width),
      -gap.length,
    );
  };
  const alone = rows.filter((row) => total(row, []) <= screen.width);
  const inline = widest(alone, widthOf).map((width, column) => (column === end ? 0 : width));
  const fitting = new Set(alone.filter((row) => total(row, inline) <= screen.width));
  const widths = fixed.map((width, column) => (isSentence[column] ? (inline[column] ?? 0) : width));
  const text = rows.flatMap((row, index) => {
    const style = (cell: string, column: number) => {
      const colour =
        screen.colour && index > 0 && states.has(table.head[column] ?? '')
          ? colourOf(cell.trimEnd())
          : undefined;
      return colour === undefined ? cell : styleText(colour, cell);
    };
    if (fitting.has(row)) return linesOf(row, widths, widthOf, style);
    if (index === 0)
      return linesOf(
        row,
        fixed.map((width, column) => (isSentence[column] ? 0 : width)),
        widthOf,
        style,
      );
    const above = row.map((lines, column) => (isSentence[column] ? [] : lines));
    const under = row.flatMap((lines, column) => (isSentence[column] ? lines : []));
    const width = Math.max(20, screen.width - below.length);
    const folded = under.flatMap((line) => (screen.wrap ? wrapped(line, width, widthOf) : [line]));
    return [
      ...linesOf(above, widths, widthOf, style),
      ...folded.map((line) => (line === '' ? '' : `${below}${line}`)),
    ];
  });
  return `${text.filter((line) => line !== '').join('\n')}\n`;
}

/** How wide each column is; in a loop, since there may be more rows than a call takes arguments. */
function widest(rows: readonly (readonly (readonly string[])[])[], widthOf: Measure): number[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, lines] of row.entries())
      for (const line of lines) widths[column] = Math.max(widths[column] ?? 0, widthOf(line));
  return widths;
}

function linesOf(
  row: readonly (readonly string[])[],
  widths: readonly number[],
  widthOf: Measure,
  style: (cell: string, column: number) => string,
): string[] {
  const height = Math.max(...row.map((lines) => lines.length));
  return Array.from({ length: height }, (_, index) => {
    const cells = row.map(({ [index]: line = '' }) => line);
    const end = cells.findLastIndex((line) => line !== '');
    return cells
      .slice(0, end + 1)
      .map((line, column) => {
        const padding = column === end ? '' : ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(line)));
        return `${style(line, column)}${padding}`;
      })
      .join(gap)
      .trimEnd();
  });
}

const plain = /^[\x20-\x7e]*$/;

/** How many of a terminal's cells a line takes. */
type Measure = (line: string) => number;

/** Most lines are plain text, whose width need not be worked out: there may be 60,000. */
async function measure(lines: readonly string[]): Promise<Measure> {
  if (lines.every((line) => plain.test(line))) return (line) => line.length;
  const { default: stringWidth } = await import('string-width');
  return (line) => (plain.test(line) ? line.length : stringWidth(line));
}
