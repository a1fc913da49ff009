import { malformed } from './ec2-failure.ts';

/** What an answer in pages says about the next one. */
export interface Page {
  NextToken?: string | undefined;
}

/**
 * What `take` keeps of each page, until there is no token for another, so that a long answer is never in memory as a
 * whole. A page without items is not the end, since EC2 cuts pages before it filters.
 * @param call as IAM names it
 * @throws CloudError when a page has no list at all: an answer that cannot be read must not count as an empty one
 * (the SDK makes `[]` of an empty list in XML and JSON, and undefined of one that is not there)
 */
export async function collectPages<T extends Page, R>(
  ask: (next: { NextToken?: string }) => Promise<T>,
  take: (page: T) => readonly R[] | undefined,
  call: string,
): Promise<R[]> {
  const items: R[] = [];
  let token: string | undefined;
  do {
    const page = await ask(token === undefined ? {} : { NextToken: token });
    const taken = take(page);
    if (taken === undefined) throw malformed(call);
    for (const item of taken) items.push(item);
    const next = page.NextToken;
    if (next !== undefined && next !== '' && next === token)
      throw malformed(call, 'a page names itself as the next');
    token = next;
  } while (token !== undefined && token !== '');
  return items;
}
