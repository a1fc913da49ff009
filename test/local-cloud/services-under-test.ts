import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import type { Cloud } from '../../src/local-cloud/cloud.ts';
import { callFacts, fileSource, followFaults } from '../../src/local-cloud/faults/faults.ts';
import { makeDispatch, type Call } from '../../src/local-cloud/http/dispatch.ts';
import { objectFiles } from '../../src/local-cloud/objects/object-files.ts';
import { serve } from '../../src/local-cloud/http/server.ts';
import { registry } from '../../src/local-cloud/registry.ts';
import { forEachRegion } from '../../src/local-cloud/region.ts';
import { writeAwsFiles } from '../../src/local-cloud/start-up/aws-files.ts';
import { firstAccount } from '../../src/local-cloud/state/first-account.ts';
import type { Image, State } from '../../src/local-cloud/state/model.ts';
import { openStores } from '../../src/local-cloud/state/store.ts';

export const imageId = 'ami-0123456789abcdef0';

const image: Image = {
  id: imageId,
  name: 'redis-1',
  description: '',
  ownerId: '123456789012',
  isPublic: false,
  launchUsers: [],
  state: 'available',
  rootDeviceName: '/dev/xvda',
  createdAt: '2024-01-02T03:04:05.000Z',
  mappings: [],
  imdsV2Only: false,
  enaSupport: true,
  sriovNetSupport: true,
};

/**
 * The API over HTTP in this process, with an account that has one image: for all calls that need no machine. SDKs
 * send a call once only.
 */
export async function startApi() {
  const folder = mkdtempSync('/tmp/local-api-test-');
  const stores = openStores(
    join(folder, 'state.json'),
    (): State => ({ ...firstAccount(), images: { [imageId]: image } }),
    () => undefined,
  );
  const store = stores['us-east-1'];
  const calls: Call[] = [];
  const warnings: string[] = [];
  const dispatch = makeDispatch({
    registry,
    clouds: forEachRegion((region) => {
      const machines = { prepare: () => undefined };
      const objects = objectFiles(join(folder, 'objects'));
      return { store: stores[region], stores, now: () => new Date(), machines, objects } as unknown as Cloud;
    }),
    watch: (call) => calls.push(call),
    warn: (line) => warnings.push(line),
    faults: followFaults({
      source: fileSource(join(folder, 'faults.json')),
      known: callFacts(registry),
      warn: (line) => warnings.push(line),
      now: Date.now,
    }),
  });
  const api = await serve(0, dispatch);
  const env = await writeAwsFiles(join(folder, 'aws'), api.endpoint, store.state.account.keys);
  const config = (profile: 'default' | 'readonly', region = 'us-east-1') => {
    const key = store.state.account.keys.find((each) => each.profile === profile);
    return {
      region,
      endpoint: api.endpoint,
      credentials: { accessKeyId: key?.id ?? '', secretAccessKey: key?.secret ?? '' },
      maxAttempts: 1,
    };
  };
  return {
    folder,
    store,
    stores,
    calls,
    warnings,
    endpoint: api.endpoint,
    /** The environment of a client that reads it. */
    env: { PATH: process.env.PATH ?? '', HOME: '/proc/nobody', ...env },
    config,
    /** Orders faults; without any the file goes away. */
    order: (...faults: unknown[]) => {
      const file = join(folder, 'faults.json');
      if (faults.length === 0) rmSync(file, { force: true });
      else writeFileSync(file, JSON.stringify(faults));
    },
    /** The clients of another region. */
    inRegion: (region: string) => ({
      ec2: new EC2Client(config('default', region)),
      sts: new STSClient(config('default', region)),
      autoScaling: new AutoScalingClient(config('default', region)),
      ssm: new SSMClient(config('default', region)),
    }),
    ec2: new EC2Client(config('default')),
    sts: new STSClient(config('default')),
    autoScaling: new AutoScalingClient(config('default')),
    ssm: new SSMClient(config('default')),
    s3: new S3Client({ ...config('default'), forcePathStyle: true }),
    stop: async () => {
      await api.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export type ApiUnderTest = Awaited<ReturnType<typeof startApi>>;
