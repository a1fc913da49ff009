import { randomUUID } from 'node:crypto';
import { Fault, invalidValue } from './fault.ts';
import { integer, text } from './shapes.ts';

export const pageShape = { MaxResults: integer, NextToken: text };

export interface PageRequest {
  readonly MaxResults: number | undefined;
  readonly NextToken: string | undefined;
}

/** Some actions page through all that there is, and not through what is named by id. */
export function refusePages(ids: readonly string[], { MaxResults }: PageRequest, parameter: string): void {
  if (ids.length > 0 && MaxResults !== undefined) {
    throw new Fault(
      'InvalidParameterCombination',
      `The parameter ${parameter} cannot be used with the parameter maxResults`,
    );
  }
}

/** How long a page may be; without `usual`, a call that does not say gets all. */
export interface PageLimits {
  readonly min?: number;
  readonly max?: number;
  readonly usual?: number;
}

/**
 * Cuts one page from `items`, ordered by their key. The token names the last key that was handed out, so what is
 * made or deleted between two pages neither repeats nor hides anything else.
 */
export function cutPage<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { MaxResults, NextToken }: PageRequest,
  { min = 5, max = 1000, usual = Infinity }: PageLimits = {},
): { page: T[]; nextToken: string | undefined } {
  if (MaxResults !== undefined && (MaxResults < min || MaxResults > max)) {
    throw invalidValue(
      `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value between ${min} and ${max}.`,
    );
  }
  const after = NextToken === undefined ? undefined : readToken(NextToken);
  const keyed = items.map((item) => ({ key: keyOf(item), item }));
  const rest = after === undefined ? keyed : keyed.filter(({ key }) => key > after);
  rest.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const page = rest.slice(0, MaxResults ?? usual);
  const last = page.at(-1);
  const more = last !== undefined && page.length < rest.length;
  return { page: page.map(({ item }) => item), nextToken: more ? makeToken(last.key) : undefined };
}

/**
 * Another token that leads where `token` does, or to the first page: botocore gives up when it gets the same one
 * twice. Throws for a token that is not ours.
 */
export function freshToken(token: string | undefined): string {
  // No key is before the empty one.
  const key = token === undefined ? '' : readToken(token);
  return Buffer.from(JSON.stringify(['after', key, randomUUID()])).toString('base64url');
}

function makeToken(key: string): string {
  return Buffer.from(JSON.stringify(['after', key])).toString('base64url');
}

function readToken(token: string): string {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (Array.isArray(value) && value[0] === 'after' && typeof value[1] === 'string') return value[1];
  } catch {
    // Said below, like any other token that is not ours.
  }
  throw new Fault('InvalidNextToken', 'The token that is given as NextToken is not one of this cloud');
}
