import CliTable from 'cli-table3';

/** A result for a person: a line of headings and rows of cells. */
export interface Table {
  head: string[];
  rows: string[][];
}

const none = '';
const bare = {
  top: none, 'top-mid': none, 'top-left': none, 'top-right': none,
  bottom: none, 'bottom-mid': none, 'bottom-left': none, 'bottom-right': none,
  left: none, 'left-mid': none, mid: none, 'mid-mid': none, right: none, 'right-mid': none, middle: '  ',
}; // prettier-ignore

/** The table as text, columns aligned, without colours or frames: it is read in Jenkins' console as well. */
export function tableText(table: Table): string {
  if (table.rows.length === 0) return '';
  const text = new CliTable({
    head: table.head.map((cell) => cell.toUpperCase()),
    chars: bare,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  text.push(...table.rows);
  return `${text
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n')}\n`;
}
