/** An error that Puppet printed, with the place in a manifest when it names one. */
export interface ConsoleError {
  message: string;
  file?: string;
  line?: number;
  column?: number;
}

/** Puppet colours its console when it takes it for a terminal. */
const colour = /\u001b\[[\d;]*m/g;
const place = /\(file: (?<file>[^()]+?)(?:, line: (?<line>\d+))?(?:, column: (?<column>\d+))?\)/;

/**
 * The error that ended a run, from what Puppet printed: the last one that names a place in a manifest, else the
 * last one; undefined when none was printed. Facter's complaints are no reason for a run to end.
 */
export function consoleError(text: string): ConsoleError | undefined {
  const errors = plainText(text)
    .split('\n')
    .filter((line) => line.startsWith('Error: ') && !line.startsWith('Error: Facter'))
    .map((line) => locate(line.slice('Error: '.length)));
  return errors.findLast((error) => error.file !== undefined) ?? errors.at(-1);
}

/** What Puppet printed, without colours and carriage returns. */
export function plainText(text: string): string {
  return text.replace(colour, '').replaceAll('\r\n', '\n');
}

/** Finds the place that a message of Puppet ends with: `… (file: /…/site.pp, line: 3, column: 5) on node …`. */
export function locate(message: string): ConsoleError {
  const found = place.exec(message)?.groups;
  if (found?.file === undefined) return { message };
  return {
    message,
    file: found.file,
    ...(found.line === undefined ? {} : { line: Number(found.line) }),
    ...(found.column === undefined ? {} : { column: Number(found.column) }),
  };
}
