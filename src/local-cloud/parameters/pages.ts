import { cutPage } from '../api/paging.ts';
import { validationException } from './names.ts';

/** Cuts one page as SSM does, where the most is also the usual. */
export function cutParameters<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  page: { readonly MaxResults: number | undefined; readonly NextToken: string | undefined },
  most: number,
): { page: T[]; nextToken: string | undefined } {
  const { MaxResults = most, NextToken } = page;
  if (MaxResults < 1 || MaxResults > most) {
    throw validationException(
      `1 validation error detected: Value '${MaxResults}' at 'maxResults' failed to satisfy constraint: Member must be between 1 and ${most}`,
    );
  }
  return cutPage(items, keyOf, { MaxResults, NextToken }, { min: 1, max: most });
}
