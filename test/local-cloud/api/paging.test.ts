import { expect, test } from '@jest/globals';
import { cutPage } from '../../../src/local-cloud/api/paging.ts';

const letters = 'hgfedcba'.split('');
const page = (items: string[], NextToken?: string) =>
  cutPage(items, (item) => item, { MaxResults: 5, NextToken });

test('goes on after the last item, also when that has been deleted meanwhile', () => {
  const first = page(letters);
  expect(first.page.join('')).toBe('abcde');
  const second = page(
    letters.filter((letter) => letter !== 'e'),
    first.nextToken,
  );
  expect(second).toEqual({ page: ['f', 'g', 'h'], nextToken: undefined });
});

test('hands out no token when the last page is exactly full', () => {
  expect(page('abcde'.split('')).nextToken).toBeUndefined();
});

test.each([4, 1001])('refuses MaxResults %d', (MaxResults) => {
  expect(() => cutPage([], String, { MaxResults, NextToken: undefined })).toThrow('between 5 and 1000');
});

test.each(['x', 'bm90IGpzb24', Buffer.from('["before","a"]').toString('base64url')])(
  'refuses the token %s',
  (token) => {
    expect(() => page(letters, token)).toThrow('not one of this cloud');
  },
);

test('is as long as it usually is when the call does not say', () => {
  const asked = { MaxResults: undefined, NextToken: undefined };
  expect(cutPage(letters, String, asked).page).toHaveLength(8);
  const usual = cutPage(letters, String, asked, { usual: 3 });
  expect(usual.page).toEqual(['a', 'b', 'c']);
  expect(cutPage(letters, String, { ...asked, NextToken: usual.nextToken }, { usual: 3 }).page[0]).toBe('d');
});
