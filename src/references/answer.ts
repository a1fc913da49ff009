import { malformed } from '../aws/ec2-failure.ts';

/**
 * What an answer must say.
 * @param call as IAM names it: `ec2:DescribeInstances`
 * @throws CloudError when it does not say it: what is not known must not count as unused
 */
export function known<T>(value: T | undefined, call: string, what: string): T {
  if (value === undefined || value === '') throw malformed(call, `it lacks ${what}`);
  return value;
}
