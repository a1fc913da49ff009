import { readFile } from 'node:fs/promises';
import { type PlaceQuery, placeQueryOf } from './place-query.ts';
import { type SourceQuery, sourceQueryOf, takesSource } from './source-query.ts';

/** What a rendered pack asks of the account. */
export interface PackOrder {
  source: SourceQuery;
  place: PlaceQuery;
  /** Whether build can name the source image to the pack. */
  takesSource: boolean;
}

export function packOrderOf(builder: Readonly<Record<string, unknown>>): PackOrder {
  const source = sourceQueryOf(builder);
  return { source, place: placeQueryOf(builder), takesSource: takesSource(builder) };
}

/** What the pack in a file asks of the account; nothing is known where it is none, and Packer says why. */
export async function readPackOrder(file: string): Promise<PackOrder> {
  let builders: unknown[] | undefined;
  try {
    ({ builders } = JSON.parse(await readFile(file, 'utf8')) as { builders?: unknown[] });
  } catch {
    builders = undefined;
  }
  const builder = builders?.[0];
  return packOrderOf(typeof builder === 'object' && builder !== null ? { ...builder } : {});
}
