import { Fault } from './fault.ts';
import { applyFilters, type Filter, type FilterTable } from './filters.ts';
import { cutPage, type PageLimits, type PageRequest } from './paging.ts';
import type { Tags } from '../state/model.ts';

interface Selection<T> {
  /** The action's name: EC2's filters are each action's own. */
  readonly action: string;
  readonly all: readonly T[];
  readonly ids: readonly string[];
  readonly filters: readonly Filter[];
  readonly table: FilterTable<T>;
  readonly tags: Readonly<Record<string, Tags>>;
  readonly missing: (id: string) => Fault;
  /** What the caller may see of `all`: an id of the rest is no Fault, but it is not shown. */
  readonly shown?: (item: T) => boolean;
  readonly page?: PageRequest;
  readonly limits?: PageLimits;
}

/** What every Describe action does: by id (an unknown one is a Fault), by filters, page by page. */
export function select<T extends { readonly id: string }>(
  selection: Selection<T>,
): {
  readonly page: T[];
  readonly nextToken: string | undefined;
} {
  const { action, all, ids, filters, table, tags, missing, shown = () => true, page, limits } = selection;
  const named = (ids.length === 0 ? all : allOf(all, ids, missing)).filter(shown);
  const found = applyFilters(named, filters, table, action, ({ id }) => tags[id] ?? {});
  return cutPage(found, ({ id }) => id, page ?? { MaxResults: undefined, NextToken: undefined }, limits);
}

function allOf<T extends { readonly id: string }>(
  all: readonly T[],
  ids: readonly string[],
  missing: (id: string) => Fault,
): T[] {
  const wanted = new Set(ids);
  const found = all.filter(({ id }) => wanted.has(id));
  const known = new Set(found.map(({ id }) => id));
  const absent = ids.find((id) => !known.has(id));
  if (absent !== undefined) throw missing(absent);
  return found;
}
