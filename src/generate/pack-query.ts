import { isMapping, type PackBuilder } from './pack.ts';

/** What a rendered pack asks of the account. */
export interface PackQuery {
  source: SourceQuery;
  place: PlaceQuery;
  /** Whether build can name the source image to the pack; otherwise Packer takes the newest that it finds. */
  takesSource: boolean;
}

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
  /** Why it is not known here, as a sentence's rest. */
  | { unknown: string };

/** Filters of EC2, one value each. */
type Filters = Record<string, string>;

/** Where a pack's instance is launched, and in which groups, in the words of Packer's amazon-ebs. */
export type PlaceQuery =
  | {
      vpc?: { id: string } | { filters: Filters };
      subnet?: { id: string } | { filters: Filters; pick: 'only' | 'any' | 'most-free' };
      zone?: string;
      /** `temporary`: Packer makes one for the bake. */
      groups: { ids: string[] } | { filters: Filters } | 'temporary';
      /** What may be launched: one of them. */
      types: string[];
      sshPort: number;
    }
  /** Why it is not known here, as a sentence's rest. */
  | { unknown: string };

/** What a builder asks of the account, as it is rendered, the node's `packer` mapping in it. */
export function packQueryOf(builder: PackBuilder): PackQuery {
  const source = sourceQueryOf(builder);
  return { source, place: placeQueryOf(builder), takesSource: takesSource(builder) };
}

/** With one of these the builder may use another account than ours. */
const otherAccount = [
  'access_key',
  'secret_key',
  'token',
  'profile',
  'assume_role',
  'vault_aws_engine',
  'shared_credentials_file',
];

/** The source image that Packer would search for. */
export function sourceQueryOf(builder: PackBuilder): SourceQuery {
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

/** Whether build can name the source image to the pack, of those that its filter finds. */
function takesSource(builder: PackBuilder): boolean {
  return builder.source_ami === '{{user `source`}}';
}

/** Why a builder may ask another account or region than ours, as a sentence's rest. */
function whyElsewhere(builder: PackBuilder): string | undefined {
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
function areFilters(filters: unknown): filters is Record<string, string> {
  const isSame = (value: unknown) => isPlain(value) && value !== '' && !/^\s|[,"\r\n]/.test(value);
  return (
    isMapping(filters) && Object.entries(filters).every(([name, value]) => isPlain(name) && isSame(value))
  );
}

/** A text that Packer takes as it is: nothing in it is of its template language. */
function isPlain(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('{{');
}

function shown(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

class Unknown extends Error {}

/** Where Packer would bake, from a builder as it is rendered: as step_network_info and step_security_group do. */
export function placeQueryOf(builder: PackBuilder): PlaceQuery {
  const why = whyElsewhere(builder);
  if (why !== undefined) return { unknown: why };
  try {
    const vpc = idOr(builder, 'vpc', (filters) => ({ filters }));
    const subnet = idOr(builder, 'subnet', (filters, { random, most_free: free }) => {
      return { filters, pick: free === true ? 'most-free' : random === true ? 'any' : 'only' } as const;
    });
    const zone = textOf(builder, 'availability_zone');
    return {
      ...(vpc && { vpc }),
      ...(subnet && { subnet }),
      ...(zone !== '' && { zone }),
      groups: groupsOf(builder),
      types: typesOf(builder),
      sshPort: typeof builder.ssh_port === 'number' ? builder.ssh_port : 22,
    };
  } catch (error) {
    if (error instanceof Unknown) return { unknown: error.message };
    throw error;
  }
}

/** `vpc_id`, else `vpc_filter`; or those of a subnet. */
function idOr<T>(
  builder: PackBuilder,
  what: 'vpc' | 'subnet',
  byFilters: (filters: Filters, options: Record<string, unknown>) => T,
): { id: string } | T | undefined {
  const id = textOf(builder, `${what}_id`);
  if (id !== '') return { id };
  const options = builder[`${what}_filter`] ?? {};
  const filters = filtersOf(builder, `${what}_filter`, options);
  // Packer takes a filter without any for none.
  return Object.keys(filters).length === 0
    ? undefined
    : byFilters(filters, options as Record<string, unknown>);
}

function groupsOf(builder: PackBuilder): { ids: string[] } | { filters: Filters } | 'temporary' {
  const { security_group_ids: several, security_group_filter: filter } = builder;
  const one = textOf(builder, 'security_group_id');
  const ids = several ?? [];
  if (!Array.isArray(ids) || !ids.every(isPlain)) throw unknown('security_group_ids', several);
  if (one !== '' || ids.length > 0) return { ids: one === '' ? ids : [one] };
  const given = filtersOf(builder, 'security_group_filter', withoutOurVpc(filter ?? {}));
  const isAsked = isMapping(filter) && isMapping(filter.filters) && Object.keys(filter.filters).length > 0;
  return isAsked ? { filters: given } : 'temporary';
}

/** The filter for the VPC that build finds: it is known here, since it is the bake's. */
function withoutOurVpc(filter: unknown): unknown {
  if (!isMapping(filter) || !isMapping(filter.filters)) return filter;
  const others = Object.entries(filter.filters).filter(
    ([name, value]) => name !== 'vpc-id' || value !== '{{user `vpc`}}',
  );
  return { ...filter, filters: Object.fromEntries(others) };
}

function typesOf(builder: PackBuilder): string[] {
  const spot = builder.spot_instance_types ?? [];
  const type = textOf(builder, 'instance_type');
  if (!Array.isArray(spot) || !spot.every(isPlain)) throw unknown('spot_instance_types', spot);
  return type === '' ? spot : [type];
}

function filtersOf(builder: PackBuilder, key: string, options: unknown): Filters {
  const filters = isMapping(options) ? (options.filters ?? {}) : undefined;
  if (!areFilters(filters) || (options as { filter?: unknown }).filter !== undefined)
    throw unknown(key, builder[key]);
  return filters;
}

function textOf(builder: PackBuilder, key: string): string {
  const value = builder[key] ?? '';
  if (!isPlain(value)) throw unknown(key, value);
  return value;
}

function unknown(key: string, value: unknown): Unknown {
  return new Unknown(`the pack's ${key} is ${shown(value)}`);
}
