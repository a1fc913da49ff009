import { printable } from './printable.ts';

/** A result for a person: a line of headings and rows of cells. */
export interface Table {
  head: string[];
  rows: Cell[][];
}

/** A line, or several. A line break within a line is none of ours: somebody's text must not make rows of its own. */
export type Cell = string | readonly string[];

const gap = '  ';

/**
 * The table as text, columns aligned, without colours or frames: it is read in Jenkins' console as well. A cell of
 * several lines makes its row so high. Whatever its cells hold, it is safe to print.
 */
export async function tableText(table: Table): Promise<string> {
  if (table.rows.length === 0) return '';
  const rows = [table.head.map((cell) => cell.toUpperCase()), ...table.rows].map((row) =>
    row.map((cell) => (typeof cell === 'string' ? [cell] : cell).map(printable)),
  );
  const widthOf = await measure(rows.flat(2));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, lines] of row.entries())
      for (const line of lines) widths[column] = Math.max(widths[column] ?? 0, widthOf(line));
  }
  const text = rows.flatMap((row) => linesOf(row, widths, widthOf)).filter((line) => line !== '');
  return `${text.join('\n')}\n`;
}

function linesOf(row: readonly string[][], widths: readonly number[], widthOf: Measure): string[] {
  const height = Math.max(...row.map((lines) => lines.length));
  return Array.from({ length: height }, (_, index) =>
    row
      .map(({ [index]: line = '' }, column) => line + ' '.repeat((widths[column] ?? 0) - widthOf(line)))
      .join(gap)
      .trimEnd(),
  );
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
