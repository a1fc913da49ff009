import stringWidth from 'string-width';

/** A result for a person: a line of headings and rows of cells. */
export interface Table {
  head: string[];
  rows: string[][];
}

const gap = '  ';

/**
 * The table as text, columns aligned, without colours or frames: it is read in Jenkins' console as well. A cell of
 * several lines makes its row so high.
 */
export function tableText(table: Table): string {
  if (table.rows.length === 0) return '';
  const rows = [table.head.map((cell) => cell.toUpperCase()), ...table.rows].map((row) =>
    row.map((cell) => cell.split('\n')),
  );
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, lines] of row.entries())
      for (const line of lines) widths[column] = Math.max(widths[column] ?? 0, widthOf(line));
  }
  const text = rows.flatMap((row) => linesOf(row, widths)).filter((line) => line !== '');
  return `${text.join('\n')}\n`;
}

function linesOf(row: readonly string[][], widths: readonly number[]): string[] {
  const height = Math.max(...row.map((lines) => lines.length));
  return Array.from({ length: height }, (_, index) =>
    row
      .map(({ [index]: line = '' }, column) => line + ' '.repeat((widths[column] ?? 0) - widthOf(line)))
      .join(gap)
      .trimEnd(),
  );
}

const plain = /^[\x20-\x7e]*$/;

/** In a terminal's cells. Most cells are plain text, whose width need not be worked out: there may be 60,000. */
function widthOf(line: string): number {
  return plain.test(line) ? line.length : stringWidth(line);
}
