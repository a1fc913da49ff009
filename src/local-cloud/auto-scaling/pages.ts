import { cutPage } from '../api/paging.ts';
import { integer, text } from '../api/shapes.ts';
import { validationError } from './refusals.ts';

export const recordsShape = { MaxRecords: integer, NextToken: text };

const most = 100;
const usual = 50;

/** Cuts one page as Auto Scaling does: 50 records where nothing is said, and 100 at most. */
export function cutRecords<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  {
    MaxRecords = usual,
    NextToken,
  }: { readonly MaxRecords: number | undefined; readonly NextToken: string | undefined },
): { page: T[]; nextToken: string | undefined } {
  if (MaxRecords < 1 || MaxRecords > most) {
    const bound = MaxRecords < 1 ? 'greater than or equal to 1' : `less than or equal to ${most}`;
    throw validationError(
      `1 validation error detected: Value '${MaxRecords}' at 'maxRecords' failed to satisfy constraint: Member must have value ${bound}`,
    );
  }
  return cutPage(items, keyOf, { MaxResults: MaxRecords, NextToken }, { min: 1, max: most });
}
