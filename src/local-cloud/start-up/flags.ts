import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { LocalCloudError } from '../local-cloud-error.ts';

/** In this repository, and of the package. */
const command = import.meta.url.endsWith('.ts')
  ? 'npm run --silent local-cloud'
  : 'npx bakehouse local-cloud';

export const help = `local-cloud: EC2's API on this computer, over real machines, until Ctrl-C
or until the program after -- ends

  --state DIR  folder of images, keys and groups (default: BAKEHOUSE_STATE, else
               /var/lib/bakehouse)
  --port N     port of the API on 127.0.0.1 (default: 8773; 0: a free port)
  --verbose    print each call and its answer on stderr
  --help       print this help

When it serves it prints four export lines; everything else goes to stderr. With a
program (a shell, say) it prints none, but gives them to it. Examples:
  ${command} -- bash
  ${command} > cloud.env &
  . ./cloud.env && aws ec2 describe-images
`;

/** What the command line asks for. */
export interface Flags {
  /** An absolute path. */
  readonly state: string;
  readonly port: number;
  readonly verbose: boolean;
  readonly help: boolean;
  /** What runs on the cloud, with its arguments; empty: nothing does. */
  readonly program: readonly string[];
}

/** Reads the command line. Throws a LocalCloudError (exit code 2) when it is wrong. */
export function readFlags(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Flags {
  const end = args.indexOf('--');
  const { state, port, ...rest } = parse(end < 0 ? args : args.slice(0, end));
  const program = end < 0 ? [] : args.slice(end + 1);
  if (end >= 0 && program.length === 0) throw new LocalCloudError('name a program after --; see --help', 2);
  const folder =
    state ?? (env.BAKEHOUSE_STATE === '' ? undefined : env.BAKEHOUSE_STATE) ?? '/var/lib/bakehouse';
  if (folder === '') throw new LocalCloudError(`--state '' names no folder; see --help`, 2);
  const number = /^\d{1,5}$/.test(port) ? Number(port) : NaN;
  if (!(number <= 65_535))
    throw new LocalCloudError(`--port ${port} is not a port: give a number from 0 to 65535`, 2);
  return { state: resolve(folder), port: number, program, ...rest };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        state: { type: 'string' },
        port: { type: 'string', default: '8773' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    const hint = code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL' ? 'a program stands after --; ' : '';
    throw new LocalCloudError(`${message}; ${hint}see --help`, 2);
  }
}
