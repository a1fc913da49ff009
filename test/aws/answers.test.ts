import { describe, expect, test } from '@jest/globals';
import { collectPages } from '../../src/aws/answers.ts';

/** A call that answers with these tokens, one after the other; the last one stays. */
function tokens(...answers: (string | undefined)[]) {
  let at = 0;
  return () => Promise.resolve({ NextToken: answers[Math.min(at++, answers.length - 1)], Items: [at] });
}

describe('an answer in pages', () => {
  test.each([
    ['no token', [undefined], 1],
    ['an empty token', ['a', 'b', ''], 3],
  ])('ends at %s', async (_, answers, length) => {
    expect(await collectPages(tokens(...answers), ({ Items }) => Items, 'ec2:X')).toHaveLength(length);
  });

  test('that names the same page as the next again is malformed, else it would never end', async () => {
    const take = ({ Items }: { Items: number[] }) => Items;
    await expect(collectPages(tokens('a', 'a'), take, 'ec2:DescribeImages')).rejects.toMatchObject({
      problem: 'malformed',
      exitCode: 4,
      message: expect.stringContaining('ec2:DescribeImages'),
    });
  });

  test('without a list is malformed; with an empty one it is not the end', async () => {
    const pages = [[], undefined];
    const take = () => pages.shift();
    await expect(collectPages(tokens('a', undefined), take, 'ec2:DescribeFleets')).rejects.toMatchObject({
      problem: 'malformed',
      message: expect.stringContaining('ec2:DescribeFleets'),
    });
    expect(pages).toEqual([]);
  });
});
