import { z } from 'zod';

/** Something that must hold on a server of the image; it is tried until it does, at most `withinMs`. */
export type Check =
  | { kind: 'command'; command: string; exit: number; output?: string; withinMs: number }
  | { kind: 'port'; port: number; protocol: 'tcp' | 'udp'; withinMs: number }
  | { kind: 'service'; service: string; withinMs: number };

const kinds = ['command', 'port', 'service'] as const;

const notAPort = "`port` is neither a number from 1 to 65535 nor one with a protocol, as '53/udp'";
const port = z.preprocess(
  (given) => (typeof given === 'number' ? String(given) : given),
  z
    .string(notAPort)
    .regex(/^[1-9]\d{0,4}(\/(tcp|udp))?$/, notAPort)
    .refine((text) => Number.parseInt(text) <= 65_535, notAPort),
);

const notARegExp = '`output` is not a regular expression';
const seconds = /^[1-9]\d{0,3}[sm]$/;

const given = z
  .strictObject(
    {
      command: z.string('`command` is not a text').min(1, '`command` is empty').optional(),
      exit: z
        .int('`exit` is not an exit code from 0 to 255')
        .min(0, '`exit` is not an exit code from 0 to 255')
        .max(255, '`exit` is not an exit code from 0 to 255')
        .optional(),
      output: z.string(notARegExp).refine(isRegExp, notARegExp).optional(),
      port: port.optional(),
      service: z
        .string('`service` is not the name of a unit')
        .regex(/^[\w@.:\\][\w@.:\\-]{0,254}$/, '`service` is not the name of a unit')
        .optional(),
      within: z
        .string("`within` is not a time such as '30s' or '2m'")
        .regex(seconds, "`within` is not a time such as '30s' or '2m'")
        .optional(),
    },
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys'
          ? `has a check with \`${issue.keys[0] ?? ''}\`, which is none of command, exit, output, port, service, within`
          : 'has a check that is not a mapping such as {port: 6379}',
    },
  )
  .refine(
    (check) => kinds.filter((kind) => check[kind] !== undefined).length === 1,
    'has a check that does not name just one of command, port and service',
  )
  .refine(
    (check) => check.command !== undefined || (check.exit === undefined && check.output === undefined),
    'has a check with `exit` or `output` but no `command`',
  );

/** The node's `checks` as nodes.yaml writes them, read into {@link Check}s. */
export const checks = z.array(given.transform(checkOf), 'is not a list of checks such as {port: 6379}');

type Given = z.infer<typeof given>;

function checkOf({ command, exit = 0, output, port: where, service, within = '30s' }: Given): Check {
  const withinMs = Number.parseInt(within) * (within.endsWith('m') ? 60_000 : 1_000);
  if (command !== undefined)
    return { kind: 'command', command, exit, ...(output === undefined ? {} : { output }), withinMs };
  if (where !== undefined) {
    const [number = '', protocol = 'tcp'] = where.split('/');
    return { kind: 'port', port: Number(number), protocol: protocol === 'udp' ? 'udp' : 'tcp', withinMs };
  }
  return { kind: 'service', service: service ?? '', withinMs };
}

function isRegExp(text: string): boolean {
  try {
    new RegExp(text, 'm');
    return true;
  } catch {
    return false;
  }
}
