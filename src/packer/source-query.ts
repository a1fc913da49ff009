/** How a pack names its source image. */
export type SourceQuery =
  | { id: string }
  | {
      owners: string[];
      filters: Record<string, string>;
      mostRecent: boolean;
      includeDeprecated: boolean;
    }
  /** A sentence's rest, why it cannot be told from here. */
  | { unknown: string };

/** With one of these the builder may look at another account than ours. */
const otherAccount = [
  'access_key',
  'secret_key',
  'token',
  'profile',
  'assume_role',
  'vault_aws_engine',
  'shared_credentials_file',
];

/** The source image that Packer would look for, from a builder as it is rendered, the node's `packer` mapping in it. */
export function sourceQueryOf(builder: Readonly<Record<string, unknown>>): SourceQuery {
  const { type, source_ami: id, source_ami_filter: filter } = builder;
  const unknown = (why: string) => ({ unknown: why });
  if (type !== 'amazon-ebs') return unknown(`the builder is ${shown(type)}, not amazon-ebs`);
  if (builder.region !== '{{user `region`}}')
    return unknown(`the pack has a region of its own, ${shown(builder.region)}`);
  const credentials = otherAccount.find((key) => (builder[key] ?? '') !== '');
  if (credentials !== undefined) return unknown(`the pack has credentials of its own (${credentials})`);
  const hasId = (id ?? '') !== '';
  const hasFilter = filter !== undefined && filter !== null;
  if (hasId && hasFilter) return unknown('the pack names its source by source_ami and by source_ami_filter');
  if (hasFilter) return filterOf(filter) ?? unknown(`the pack's source_ami_filter is ${shown(filter)}`);
  if (!isPlain(id) || id === '') return unknown(`the pack's source_ami is ${shown(id)}`);
  return { id };
}

function filterOf(filter: unknown): SourceQuery | undefined {
  if (!isMapping(filter)) return undefined;
  const {
    filters = {},
    owners,
    most_recent: recent = false,
    include_deprecated: deprecated = false,
    ...rest
  } = filter;
  if (Object.keys(rest).length > 0 || !isMapping(filters) || !Array.isArray(owners)) return undefined;
  if (typeof recent !== 'boolean' || typeof deprecated !== 'boolean') return undefined;
  // Packer takes none without an owner.
  if (owners.length === 0 || !owners.every(isPlain)) return undefined;
  const values = Object.entries(filters);
  // Packer's plugin, in later versions, reads a value as a line of CSV; an older one takes it as it is.
  const isSame = (value: unknown) => isPlain(value) && value !== '' && !/^\s|[,"\r\n]/.test(value);
  if (!values.every(([name, value]) => isPlain(name) && isSame(value))) return undefined;
  return {
    owners,
    filters: filters as Record<string, string>,
    mostRecent: recent,
    includeDeprecated: deprecated,
  };
}

/** A text that Packer takes as it is: nothing in it is of its template language. */
function isPlain(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('{{');
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
