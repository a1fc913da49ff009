import type { LeftoverRemovalDeps } from '../../src/leftovers/remove-leftovers.ts';
import type { Resource } from '../../src/leftovers/resource.ts';
import { ec2Error } from '../aws/fixtures.ts';
import { nowMs } from './leftovers.ts';

/**
 * An account as plain data, with what EC2 refuses: a snapshot of an image, a volume in use, a group of an instance.
 * `failAt`: from this call on (1 is the first) every call fails and does nothing.
 */
export function accountOf(
  resources: readonly Resource[],
  failAt = Infinity,
  error: Error = ec2Error('Killed'),
) {
  const there = new Map(resources.map((resource) => [resource.id, resource]));
  const done: string[] = [];
  let calls = 0;
  const call = <T>(how: () => T): Promise<T> => {
    calls += 1;
    const fails = calls >= failAt;
    return Promise.resolve().then(() => {
      if (fails) throw error;
      return how();
    });
  };
  const now = (resource: Resource): Resource =>
    resource.type === 'snapshot'
      ? { ...resource, imageIds: (resource.imageIds ?? []).filter((id) => there.has(id)) }
      : resource;
  const deps: LeftoverRemovalDeps = {
    now: () => new Date(nowMs),
    references: () => Promise.resolve(new Map()),
    resources: () => call(() => [...there.values()].map(now)),
    current: ({ id }) =>
      call(() => {
        const found = there.get(id);
        return found === undefined ? undefined : now(found);
      }),
    remove: (resource) =>
      call(() => {
        const { type, id } = resource;
        const known = there.get(id);
        if (known === undefined) throw ec2Error('InvalidThing.NotFound');
        if (type === 'snapshot' && (now(known).imageIds ?? []).length > 0)
          throw ec2Error('InvalidSnapshot.InUse');
        if (type === 'volume' && known.state !== 'available') throw ec2Error('VolumeInUse');
        done.push(id);
        if (type === 'instance') there.set(id, { ...known, state: 'shutting-down' });
        else there.delete(id);
      }),
    terminated: (id) =>
      call(() => {
        const known = there.get(id);
        if (known?.state !== 'shutting-down') throw new Error(`${id} does not end`);
        there.set(id, { ...known, state: 'terminated' });
        for (const other of there.values()) {
          if (other.instanceId === id && other.type === 'volume') there.delete(other.id);
        }
      }),
    pause: () => call(() => undefined),
  };
  return { deps, there, done, calls: () => calls };
}
