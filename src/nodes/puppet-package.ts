import { z } from 'zod';

/** Which Puppet a bake installs, where nodes.yaml says so. */
export interface PuppetPackage {
  /** Of a Debian package; absent: the distribution's own Puppet. */
  package?: string;
  /** The only one that will do; absent: the newest. */
  version?: string;
  source?: AptSource;
  /** Where nodes.yaml asks for it: `nodes.yaml:4:14`. */
  askedAt: string;
}

/** A repository of the team's own. */
export interface AptSource {
  /** As a line of sources.list, without its first word and its options: `https://apt.example.com trixie main`. */
  line: string;
  /** The key that signs it, as base64; absent: one that the machine trusts already. */
  key?: string;
}

/** A version, component or suite can be a number to YAML. */
const text = (message: string, pattern: RegExp) =>
  z.preprocess(
    (value) => (typeof value === 'number' ? String(value) : value),
    z.string(message).regex(pattern, message),
  );

// Ending in - or +, apt takes it for a package to remove or install; and names for patterns that no package has.
const packageName = text(
  'is not the name of a Debian package such as openvox-agent',
  /^[a-z0-9][a-z0-9+.-]{0,98}[a-z0-9]$/,
);
const version = text(
  'is not a version of a Debian package such as 8.10.0-5',
  /^(\d{1,9}:)?\d[A-Za-z0-9.+~-]{0,99}$/,
);

const notAUri =
  'is not an address such as https://apt.example.com/debian, with http or https and without a password';
const uri = z
  .string(notAUri)
  .regex(/^https?:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(\/[A-Za-z0-9._~+-]+)*\/?$/i, notAUri);
const suite = text(
  "is not a suite such as trixie, or for a flat repository a path that ends in '/'",
  /^(\.?\/|[A-Za-z0-9][A-Za-z0-9._~+-]*(\/[A-Za-z0-9][A-Za-z0-9._~+-]*)*\/?)$/,
);
const component = text('is not a component such as main', /^[A-Za-z0-9][A-Za-z0-9._+/-]{0,99}$/);

const notAKey = 'is not one public key as `gpg --armor --export` prints it';
const key = z.string(notAKey).transform((armored, context) => {
  const packets = packetsOf(armored);
  if (packets === undefined) context.addIssue({ code: 'custom', message: notAKey });
  return packets ?? z.NEVER;
});

const aptSource = z
  .strictObject(
    {
      uri,
      suite,
      components: z
        .union([component.transform((one) => [one]), z.array(component).min(1, 'is empty')], {
          error: 'is neither a component such as main nor a list of them',
        })
        .optional(),
      key: key.optional(),
    },
    mappingOf('uri, suite, components, key', '{uri: https://apt.example.com, suite: trixie}'),
  )
  .refine(({ suite: name, components }) => !name.endsWith('/') || components === undefined, {
    message: "must not be given: a suite that ends in '/' has none",
    path: ['components'],
  })
  .transform(({ uri: where, suite: name, components, key: signing }): AptSource => {
    const parts = components ?? (name.endsWith('/') ? [] : ['main']);
    return { line: [where, name, ...parts].join(' '), ...(signing === undefined ? {} : { key: signing }) };
  });

/** The node's `puppet` as nodes.yaml has it. Null takes away what the defaults say. */
export const puppet = z.strictObject(
  { package: packageName.nullish(), version: version.nullish(), apt_source: aptSource.nullish() },
  mappingOf('package, version, apt_source', '{package: openvox-agent}'),
);

/** What is wrong with what is no mapping of these keys. */
function mappingOf(keys: string, example: string) {
  return {
    error: (issue: { code?: string; keys?: readonly string[] }) =>
      issue.code === 'unrecognized_keys' ? `is none of ${keys}` : `is not a mapping such as ${example}`,
  };
}

/** What a node asks for, from values that were laid over the defaults; undefined: for nothing. */
export function puppetPackageOf(
  { package: name, version: exact, apt_source: source }: z.infer<typeof puppet>,
  askedAt: string,
): PuppetPackage | undefined {
  const asked = {
    ...(name == null ? {} : { package: name }),
    ...(exact == null ? {} : { version: exact }),
    ...(source == null ? {} : { source }),
  };
  return Object.keys(asked).length === 0 ? undefined : { ...asked, askedAt };
}

/** The packets in the armor of one public key (RFC 9580, 6.2), as base64; undefined: it is none. */
function packetsOf(armored: string): string | undefined {
  const block =
    /^\s*-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(?:[A-Za-z]+: .*\r?\n)*\r?\n([A-Za-z0-9+/=\s]+?)(?:\r?\n=[A-Za-z0-9+/]{4})?\r?\n-----END PGP PUBLIC KEY BLOCK-----\s*$/;
  const body = block.exec(armored)?.[1]?.replace(/\s/g, '') ?? '';
  const packets = Buffer.from(body, 'base64');
  // In either form of a packet's header: a private key's tag is another.
  const [header = 0] = packets;
  const tag = (header & 0x40) === 0 ? (header & 0x3c) >> 2 : header & 0x3f;
  return header >= 0x80 && tag === 6 && packets.toString('base64') === body ? body : undefined;
}
