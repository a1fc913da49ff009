import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Cloud } from '../../src/local-cloud/cloud.ts';
import { callFacts, fileSource, followFaults } from '../../src/local-cloud/faults/faults.ts';
import { makeDispatch } from '../../src/local-cloud/http/dispatch.ts';
import { objectFiles } from '../../src/local-cloud/objects/object-files.ts';
import { serve } from '../../src/local-cloud/http/server.ts';
import { registry } from '../../src/local-cloud/registry.ts';
import { offerBase } from '../../src/local-cloud/start-up/base-in-state.ts';
import { firstAccount } from '../../src/local-cloud/state/first-account.ts';
import { forEachRegion, type Region, regions } from '../../src/local-cloud/region.ts';
import type { Machines } from '../../src/local-cloud/machines/machines.ts';
import type { State } from '../../src/local-cloud/state/model.ts';
import { openStores } from '../../src/local-cloud/state/store.ts';

/** The API of a local cloud, served by this process: a call that would need a machine to do more than begin fails. */
export interface ApiUnderTest {
  readonly ec2: EC2Client;
  readonly readonly: EC2Client;
  readonly ssm: SSMClient;
  readonly inRegion: (region: Region) => Pick<ApiUnderTest, 'ec2' | 'ssm' | 'state' | 'debian'>;
  /** Orders faults. */
  readonly order: (...faults: unknown[]) => void;
  readonly state: State;
  /** The public image of another account that the cloud offers. */
  readonly debian: string;
  /** An image of the account, with a snapshot of its own. */
  readonly newImage: (name: string) => { imageId: string; snapshotId: string };
  /** What `now` is for the cloud; the time of this computer until it is set. */
  readonly clock: { now: Date | undefined };
  readonly close: () => Promise<void>;
}

/** Serves a new account, or whatever `first` returns. */
export async function serveApi(first: () => State = firstAccount): Promise<ApiUnderTest> {
  const folder = mkdtempSync('/tmp/local-api-test-');
  const clock: { now: Date | undefined } = { now: undefined };
  const warn = (line: string) => {
    throw new Error(line);
  };
  const stores = openStores(join(folder, 'state.json'), first, warn);
  const store = stores['us-east-1'];
  const { state } = store;
  for (const region of regions)
    stores[region].change((now) => {
      now.account.network = '10.1.2';
      offerBase(now, { release: 'bookworm', hash: 'ba5e' }, new Date());
    });
  const machines: Pick<Machines, 'discard' | 'prepare' | 'boot'> = {
    discard: () => Promise.resolve(),
    prepare: () => undefined,
    boot: () => undefined,
  };
  const clouds = forEachRegion((region): Cloud => ({
    store: stores[region],
    stores,
    machines: machines as Machines,
    room: { assert: () => Promise.resolve() },
    objects: objectFiles(join(folder, 'objects')),
    now: () => clock.now ?? new Date(),
    warn,
  }));
  const faults = followFaults({
    source: fileSource(join(folder, 'faults.json')),
    known: callFacts(registry),
    warn,
    now: Date.now,
  });
  const api = await serve(0, makeDispatch({ registry, clouds, watch: () => undefined, warn, faults }));
  const configOf = (profile: 'default' | 'readonly', region: Region) => {
    const key = state.account.keys.find((other) => other.profile === profile);
    return {
      region,
      endpoint: api.endpoint,
      credentials: { accessKeyId: key?.id ?? '', secretAccessKey: key?.secret ?? '' },
      maxAttempts: 1,
    };
  };
  const baseOf = (region: Region) => {
    const [base] = Object.values(stores[region].state.images);
    if (base === undefined) throw new Error('the cloud offers no image');
    return base;
  };
  const base = baseOf('us-east-1');
  let made = 0;
  const inRegion = forEachRegion((region) => ({
    ec2: new EC2Client(configOf('default', region)),
    ssm: new SSMClient(configOf('default', region)),
    state: stores[region].state,
    debian: baseOf(region).id,
  }));
  const clients = {
    ...inRegion['us-east-1'],
    readonly: new EC2Client(configOf('readonly', 'us-east-1')),
  };
  return {
    ...clients,
    inRegion: (region) => inRegion[region],
    order: (...list) => {
      writeFileSync(join(folder, 'faults.json'), JSON.stringify(list));
    },
    clock,
    newImage: (name) => {
      const number = String(++made).padStart(16, '0');
      const [imageId, snapshotId] = [`ami-1${number}`, `snap-1${number}`];
      store.change((now) => {
        const [snapshot] = Object.values(now.snapshots);
        if (snapshot === undefined) throw new Error('the image has no snapshot');
        const ownerId = now.account.id;
        now.snapshots[snapshotId] = { ...snapshot, id: snapshotId, ownerId, isPublic: false };
        const mappings = base.mappings.map((mapping) => ({ ...mapping, snapshotId }));
        now.images[imageId] = { ...base, id: imageId, name, ownerId, isPublic: false, mappings };
      });
      return { imageId, snapshotId };
    },
    close: async () => {
      for (const region of regions) {
        inRegion[region].ec2.destroy();
        inRegion[region].ssm.destroy();
      }
      clients.readonly.destroy();
      await api.close();
      rmSync(folder, { recursive: true });
    },
  };
}
