import { Fault } from './fault.ts';
import { applyFilters, type Filter, type FilterTable } from './filters.ts';
import { cutPage } from './paging.ts';
import type { Tags } from '../state/model.ts';

interface Selection<T> {
  readonly all: readonly T[];
  readonly ids: readonly string[];
  readonly filters: readonly Filter[];
  readonly table: FilterTable<T>;
  readonly tags: Readonly<Record<string, Tags>>;
  readonly missing: (id: string) => Fault;
  readonly page?: { readonly MaxResults: number | undefined; readonly NextToken: string | undefined };
}

/** What every Describe action does: by id (an unknown one is a Fault), by filters, page by page. */
export function select<T extends { readonly id: string }>(
  selection: Selection<T>,
): {
  readonly page: T[];
  readonly nextToken: string | undefined;
} {
  const { all, ids, filters, table, tags, missing, page } = selection;
  const known = new Map(all.map((item) => [item.id, item]));
  const absent = ids.find((id) => !known.has(id));
  if (absent !== undefined) throw missing(absent);
  const named = ids.length === 0 ? all : all.filter(({ id }) => ids.includes(id));
  const found = applyFilters(named, filters, table, ({ id }) => tags[id] ?? {});
  return cutPage(found, ({ id }) => id, page ?? { MaxResults: undefined, NextToken: undefined });
}
