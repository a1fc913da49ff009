/** What an answer in pages says about the next one. */
export interface Page {
  NextToken?: string | undefined;
}

/**
 * All pages of an answer: until there is no token for another. A page without items is not the end, since EC2
 * cuts pages before it filters.
 */
export async function allPages<T extends Page>(
  ask: (next: { NextToken?: string }) => Promise<T>,
): Promise<T[]> {
  const pages: T[] = [];
  let token: string | undefined;
  do {
    const page = await ask(token === undefined ? {} : { NextToken: token });
    pages.push(page);
    token = page.NextToken;
  } while (token !== undefined && token !== '');
  return pages;
}
