import { malformed } from './ec2-failure.ts';
import type { Service } from './sdk.ts';

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

/** What each answer must have. The SDK makes `[]` of an empty list and undefined of one that is not there. */
const parts: Readonly<Record<string, string>> = {
  DescribeImages: 'Images',
  DescribeInstances: 'Reservations',
  DescribeKeyPairs: 'KeyPairs',
  DescribeSecurityGroups: 'SecurityGroups',
  DescribeSnapshots: 'Snapshots',
  DescribeSpotInstanceRequests: 'SpotInstanceRequests',
  DescribeSubnets: 'Subnets',
  DescribeVolumes: 'Volumes',
  DescribeVpcs: 'Vpcs',
  GetCallerIdentity: 'Account',
  RunInstances: 'Instances',
};

/**
 * Refuses an answer that lacks what it is asked for: nothing may take that for "there is none".
 * @param call as IAM names it, without the service: `DescribeImages`
 * @throws CloudError
 */
export function checkAnswer(service: Service, call: string, output: unknown): void {
  const part = parts[call];
  if (part === undefined) return;
  const found = (output as Record<string, unknown> | undefined)?.[part];
  if (found === undefined || found === '') throw malformed(`${service}:${call}`, `it lacks ${part}`);
}

/**
 * What an answer must say.
 * @param call as IAM names it: `ec2:DescribeInstances`
 * @throws CloudError when it does not say it: what is not known must not count as unused
 */
export function required<T>(value: T | undefined, call: string, what: string): T {
  if (value === undefined || value === '') throw malformed(call, `it lacks ${what}`);
  return value;
}

/**
 * What all of these tasks answer, once none of them is pending any more.
 * @throws what the first one threw to fail; the others were waited for all the same, so that no call is still under
 * way and no rejection is left to nobody
 */
export async function waitForAll<T>(tasks: readonly Promise<T>[]): Promise<T[]> {
  const errors: unknown[] = [];
  await Promise.allSettled(tasks.map((task) => task.catch((error: unknown) => errors.push(error))));
  if (errors.length > 0) throw errors[0];
  return Promise.all(tasks);
}

/** Values in parts of as many as a call takes. */
export function inParts<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, part) =>
    values.slice(part * size, (part + 1) * size),
  );
}
