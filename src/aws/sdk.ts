import { createRequire } from 'node:module';

interface Clients {
  '@aws-sdk/client-auto-scaling': typeof import('@aws-sdk/client-auto-scaling');
  '@aws-sdk/client-ec2': typeof import('@aws-sdk/client-ec2');
  '@aws-sdk/client-s3': typeof import('@aws-sdk/client-s3');
  '@aws-sdk/client-ssm': typeof import('@aws-sdk/client-ssm');
  '@aws-sdk/client-sts': typeof import('@aws-sdk/client-sts');
}

const require = createRequire(import.meta.url);

/**
 * A package of the AWS SDK, which is CommonJS. Required and not imported, since an import first has its 2 MB of EC2 read
 * for the names that they export, in each of the loader's threads: that takes longer than to load them.
 */
export function sdk<P extends keyof Clients>(name: P): Clients[P] {
  return require(name) as Clients[P];
}

/** The services of AWS that are called, by the prefix that IAM gives their actions. */
export const services = {
  ec2: { title: 'EC2', variable: 'EC2' },
  autoscaling: { title: 'Auto Scaling', variable: 'AUTO_SCALING' },
  s3: { title: 'S3', variable: 'S3' },
  ssm: { title: 'Systems Manager', variable: 'SSM' },
  sts: { title: 'STS', variable: 'STS' },
} as const satisfies Record<string, ServiceWords>;

export type Service = keyof typeof services;

interface ServiceWords {
  /** For a person. */
  title: string;
  /** How the SDK's variable for an endpoint of the service's own ends: `AWS_ENDPOINT_URL_EC2`. */
  variable: string;
}
