import { exitCode } from '../lib/errors.ts';

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
