import { createRequire } from 'node:module';

interface Clients {
  '@aws-sdk/client-auto-scaling': typeof import('@aws-sdk/client-auto-scaling');
  '@aws-sdk/client-ec2': typeof import('@aws-sdk/client-ec2');
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
