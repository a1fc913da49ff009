import { areFilters, isMapping, isPlain, shown, whyElsewhere } from './source-query.ts';

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
  /** A sentence's rest, why it cannot be told from here. */
  | { unknown: string };

type Builder = Readonly<Record<string, unknown>>;

class Unknown extends Error {}

/** Where Packer would bake, from a builder as it is rendered: as step_network_info and step_security_group do. */
export function placeQueryOf(builder: Builder): PlaceQuery {
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
  builder: Builder,
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

function groupsOf(builder: Builder): { ids: string[] } | { filters: Filters } | 'temporary' {
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

function typesOf(builder: Builder): string[] {
  const spot = builder.spot_instance_types ?? [];
  const type = textOf(builder, 'instance_type');
  if (!Array.isArray(spot) || !spot.every(isPlain)) throw unknown('spot_instance_types', spot);
  return type === '' ? spot : [type];
}

function filtersOf(builder: Builder, key: string, options: unknown): Filters {
  const filters = isMapping(options) ? (options.filters ?? {}) : undefined;
  if (!areFilters(filters) || (options as { filter?: unknown }).filter !== undefined)
    throw unknown(key, builder[key]);
  return filters;
}

function textOf(builder: Builder, key: string): string {
  const value = builder[key] ?? '';
  if (!isPlain(value)) throw unknown(key, value);
  return value;
}

function unknown(key: string, value: unknown): Unknown {
  return new Unknown(`the pack's ${key} is ${shown(value)}`);
}
