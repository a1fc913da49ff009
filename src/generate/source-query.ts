/** How a pack names its source image; with both an id and a filter, Packer takes the image that fits both. */
export type SourceQuery =
  | { id: string }
  | {
      id?: string;
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
  const why = whyElsewhere(builder);
  if (why !== undefined) return { unknown: why };
  const { source_ami: named, source_ami_filter: filter } = builder;
  // Until build says which, Packer has only the filter.
  const id = takesSource(builder) ? '' : (named ?? '');
  const hasFilter = filter !== undefined && filter !== null;
  if (!isPlain(id) || (id === '' && !hasFilter))
    return { unknown: `the pack's source_ami is ${shown(named)}` };
  if (!hasFilter) return { id };
  const found = filterOf(filter);
  if (found === undefined) return { unknown: `the pack's source_ami_filter is ${shown(filter)}` };
  return id === '' ? found : { ...found, id };
}

/** Whether build can say to the pack which of the images that its filter finds it is to take. */
export function takesSource(builder: Readonly<Record<string, unknown>>): boolean {
  return builder.source_ami === '{{user `source`}}';
}

/** Why a builder may ask another account or region than ours, as a sentence's rest. */
export function whyElsewhere(builder: Readonly<Record<string, unknown>>): string | undefined {
  const { type, region } = builder;
  if (type !== 'amazon-ebs') return `the builder is ${shown(type)}, not amazon-ebs`;
  if (region !== '{{user `region`}}') return `the pack has a region of its own, ${shown(region)}`;
  const credentials = otherAccount.find((key) => (builder[key] ?? '') !== '');
  return credentials === undefined ? undefined : `the pack has credentials of its own (${credentials})`;
}

function filterOf(filter: unknown) {
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
  if (!areFilters(filters)) return undefined;
  return { owners, filters, mostRecent: recent, includeDeprecated: deprecated };
}

/** Whether any Packer reads these filters of EC2 alike: later ones take a value for a line of CSV. */
export function areFilters(filters: unknown): filters is Record<string, string> {
  const isSame = (value: unknown) => isPlain(value) && value !== '' && !/^\s|[,"\r\n]/.test(value);
  return (
    isMapping(filters) && Object.entries(filters).every(([name, value]) => isPlain(name) && isSame(value))
  );
}

/** A text that Packer takes as it is: nothing in it is of its template language. */
export function isPlain(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('{{');
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function shown(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
