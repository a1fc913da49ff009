import { fc } from '../runs.ts';
import type { LeftoverRules } from '../../src/leftovers/decide-leftovers.ts';
import { type Resource, type ResourceType, resourceTypes } from '../../src/leftovers/resource.ts';

export const minute = 60_000;
export const nowMs = Date.UTC(2026, 0, 2, 12);
export const createImageOf = (id: string) => `Created by CreateImage(${id}) for ami-gone`;

/** The state in which a resource of a bake that was cut off is found, and what else it has. */
const asLeft: Record<ResourceType, Partial<Resource>> = {
  'spot-request': { state: 'active' },
  image: { state: 'pending' },
  instance: { state: 'running', imageId: 'ami-debian' },
  snapshot: { state: 'completed', description: createImageOf('i-gone'), imageIds: [] },
  volume: { state: 'available' },
  'key-pair': {},
  'security-group': { name: 'packer_5f2b0c1d-1a2b-3c4d-5e6f-0123456789ab' },
};

/** A resource that a bake of redis in run-1 left three hours ago. */
export function leftover(type: ResourceType, id: string, over: Partial<Resource> = {}): Resource {
  const { node = 'redis', run = 'run-1', tags = {}, ...more } = over;
  const own = {
    ...(node === '' ? {} : { 'bakehouse:node': node }),
    ...(run === '' ? {} : { 'bakehouse:run': run }),
  };
  return {
    type,
    id,
    node,
    run,
    tags: { ...own, ...tags },
    createdMs: nowMs - 180 * minute,
    ...(type === 'image' ? { name: `${node === '' ? 'redis' : node}-1767225600` } : {}),
    ...(type === 'key-pair' ? { name: `bakehouse-${node}-${run}` } : {}),
    ...asLeft[type],
    ...more,
  };
}

/** By age alone. */
export const rule: LeftoverRules = {
  finished: new Set(),
  nowMs,
  timeoutMs: 90 * minute,
  references: new Map(),
};

/** Why a resource with a run's tag is not a bake's; each is enough. */
const serverMarks: Partial<Resource>[] = [
  { tags: { 'bakehouse:keep': '' } },
  { tags: { 'bakehouse:digest': 'd' } },
  { tags: { 'bakehouse:verified': 'true' } },
  { tags: { 'bakehouse:source-ami': 'ami-1' } },
  { tags: { 'bakehouse:commit': 'c' } },
  { tags: { 'aws:autoscaling:groupName': 'g' } },
  { tags: { 'aws:ec2:fleet-id': 'f' } },
  { tags: { 'aws:ec2spot:fleet-request-id': 'f' } },
  { originRun: 'run-1' },
  { originRun: 'run-0' },
];

export const nodes = ['redis', 'web', 'web-db'];
export const runs = ['run-1', 'run-2', 'run-3'];

/** Resources of several runs and nodes; `server` says that it is a production server or its volume. */
export const anyResources = fc
  .array(
    fc.record({
      type: fc.constantFrom(...resourceTypes),
      node: fc.constantFrom(...nodes),
      run: fc.constantFrom(...runs),
      age: fc.option(fc.integer({ min: -10, max: 400 }), { nil: undefined }),
      server: fc.option(fc.constantFrom(...serverMarks), { nil: undefined }),
    }),
    { maxLength: 14 },
  )
  .map((all) =>
    all.map(({ type, node, run, age, server }, at) => {
      const mark = type === 'instance' || type === 'volume' || type === 'spot-request' ? server : undefined;
      const resource = leftover(type, `${type}-${at}`, { node, run, ...mark });
      if (age === undefined) delete resource.createdMs;
      else resource.createdMs = nowMs - age * minute;
      return { resource, server: mark !== undefined, keep: 'bakehouse:keep' in resource.tags };
    }),
  );
