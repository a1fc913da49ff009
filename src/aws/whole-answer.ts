import { malformed } from './ec2-failure.ts';
import type { Service } from './services.ts';

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
