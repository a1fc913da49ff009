import type { Progress } from '../../src/cli/progress.ts';
import { tagMap } from '../../src/aws/tags.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import type { Node } from '../../src/nodes/node.ts';
import type { PromoteOptions } from '../../src/promote/node-plan.ts';
import { type PromoteDeps, promoteNodes } from '../../src/promote/promote-nodes.ts';
import { MemoryCloud } from './memory-account.ts';

export const own = 'us-east-1';
export const regions = [own, 'eu-west-1', 'us-west-2'];

export const nodesOf = (text: string): Node[] => {
  const { nodes, problems } = parseNodes(text);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return nodes;
};

/** A node in three regions, with another account and a launch template. */
export const web = `web:
  group: web
  promote:
    regions: {eu-west-1: {}, us-west-2: {}}
    accounts: ['012345678901']
    parameter: /images/web
    launch_template: web
`;

export const apply: PromoteOptions = {
  ...{ kind: 'promote', inPipeline: false, apply: true, force: false, copyMs: 3_600_000 },
};

const quiet = {
  phase: () => undefined,
  portion: () => undefined,
  say: () => undefined,
  done: () => undefined,
};

let runs = 0;

/** Runs promote over the cloud as one process would. */
export function run(
  cloud: MemoryCloud,
  nodes: readonly Node[],
  options: Partial<PromoteOptions> = {},
  more: Pick<PromoteDeps, 'change'> & {
    signal?: AbortSignal;
    pause?: (ms: number) => Promise<void>;
    progress?: Partial<Progress>;
  } = {},
) {
  const pause = more.pause ?? ((ms: number) => Promise.resolve(void (cloud.nowMs += ms)));
  const { signal = new AbortController().signal } = more;
  return promoteNodes(
    nodes,
    { ...apply, ...options },
    {
      own: cloud.account(own),
      connect: (region) => Promise.resolve(cloud.account(region)),
      run: `run-${++runs}`,
      now: () => new Date(cloud.nowMs),
      ...{ pause, pauseUnlessAborted: pause, signal },
      say: () => undefined,
      progress: { ...quiet, end: () => Promise.resolve(), ...more.progress },
      ...(more.change && { change: more.change }),
    },
  );
}

/** What an account ends up with, by the names of images: ids, times and numbers of versions depend on what went before. */
export function stateOf(cloud: MemoryCloud, only: readonly string[] = regions) {
  return Object.fromEntries(
    only.map((name) => {
      const region = cloud.region(name);
      const nameOf = (id: string | undefined) =>
        id === undefined ? id : (region.images.get(id)?.Name ?? id);
      const images = [...region.images.values()].map(({ ImageId: id = '', Name, State, Tags }) => {
        const {
          'bakehouse:promoted': promoted,
          'bakehouse:previous': previous,
          ...tags
        } = Object.fromEntries(tagMap(Tags));
        const shares = [...region.shares].filter((share) => share.startsWith(id)).length;
        const times = { promoted: promoted !== undefined, previous: nameOf(previous) };
        return { Name, State, tags, shares, ...times };
      });
      return [
        name,
        {
          images: images.sort((a, b) => ((a.Name ?? '') < (b.Name ?? '') ? -1 : 1)),
          parameters: Object.fromEntries(
            [...region.parameters.values()].map((one) => [one.name, nameOf(one.value)]),
          ),
          templates: [...region.templates.values()].map(({ name: its, inService, versions }) => ({
            ...{ name: its, versions: versions.length },
            image: nameOf(versions.find(({ number }) => number === inService)?.imageId),
            latest: nameOf(versions.at(-1)?.imageId),
            rest: versions.map(({ rest }) => rest),
          })),
        },
      ];
    }),
  );
}

/** The name of the image that a node's parameter holds in each region. */
export function currentOf(cloud: MemoryCloud, parameter = '/images/web'): Record<string, string | undefined> {
  return Object.fromEntries(
    regions.map((name) => {
      const { images, parameters } = cloud.region(name);
      const value = parameters.get(parameter)?.value;
      return [name, value && images.get(value)?.Name];
    }),
  );
}

export const everywhere = (name: string | undefined) =>
  Object.fromEntries(regions.map((region) => [region, name]));
export const [one, two, three] = ['web-1700000001', 'web-1700000002', 'web-1700000003'] as const;

/** An account in which an image of web is baked, and each region has a launch template without an image. */
export function account(): MemoryCloud {
  const cloud = new MemoryCloud(regions);
  cloud.bake(own, one);
  for (const region of regions) cloud.template(region, 'web', undefined);
  return cloud;
}

export async function problemsOf(results: ReturnType<typeof run>): Promise<string[]> {
  return (await results).flatMap(({ record }) => record.problems);
}

/** A promote that has nothing to do does not ask for the lock; one that has expired is nobody's. */
export function withoutLock(state: ReturnType<typeof stateOf>) {
  const parameters = { ...state[own]?.parameters };
  delete parameters['/bakehouse/locks/web'];
  return { ...state, [own]: { ...state[own], parameters } };
}
