/** An error that Puppet printed, with the place in a manifest when it names one. */
export interface ConsoleError {
  message: string;
  file?: string;
  line?: number;
  column?: number;
}

/** Puppet colours its console when it takes it for a terminal. */
const colour = /\u001b\[[\d;]*m/g;
/** Puppet 2.7 prints `err: …`, from 3 on `Error: …`. */
const errorLine = /^(?:Error|Critical|Alert|Emergency|err|crit|alert|emerg): (?!Facter)/;
/** From Puppet 5 on; 2.7 to 4 end with `at /…/site.pp:3:5 on node …`. */
const places = [
  /\(file: (?<file>[^()]+?)(?:, line: (?<line>\d+))?(?:, column: (?<column>\d+))?\)/,
  / at (?<file>\/[^:\n]*?\.\w+):(?<line>\d+)(?::(?<column>\d+))?(?![\w:])/,
];

/**
 * The error that ended a run, from what Puppet printed: the last one that names a place in a manifest, else the
 * last one; undefined when none was printed. Facter's complaints are no reason for a run to end.
 */
export function consoleError(text: string): ConsoleError | undefined {
  const errors = plainText(text)
    .split('\n')
    .filter((line) => errorLine.test(line))
    .map((line) => locate(line.replace(errorLine, '')));
  return errors.findLast((error) => error.file !== undefined) ?? errors.at(-1);
}

/** What Puppet printed, without colours and carriage returns. */
export function plainText(text: string): string {
  return text.replace(colour, '').replaceAll('\r\n', '\n');
}

/** Finds the place that a message of Puppet names: `… (file: /…/site.pp, line: 3, column: 5) on node …`. */
export function locate(message: string): ConsoleError {
  const found = places.map((place) => place.exec(message)?.groups).find((groups) => groups !== undefined);
  if (found?.file === undefined) return { message };
  return {
    message,
    file: found.file,
    ...(found.line === undefined ? {} : { line: Number(found.line) }),
    ...(found.column === undefined ? {} : { column: Number(found.column) }),
  };
}
