import type { Node } from '../nodes/node.ts';
import type { TemplateVersion } from './launch-template-calls.ts';
import type { Parameter } from './parameter-calls.ts';
import type { RegionAccount, RegionImage } from './promote-account.ts';

/** What a region has of some nodes. */
export interface RegionState {
  account: RegionAccount;
  region: string;
  /** Named as the nodes' bakes are, whoever made them. */
  images: RegionImage[];
  parameters: ReadonlyMap<string, Parameter>;
  /** The versions in service, by the names of the templates. */
  templates: ReadonlyMap<string, TemplateVersion | undefined>;
  /** What pointers name besides {@link images}: undefined where there is no such image any more. */
  strangers: ReadonlyMap<string, RegionImage | undefined>;
  /** Our images that each other account may launch, and our snapshots that it may read. */
  shared: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The nodes that are promoted in a region. */
export function nodesIn(region: string, own: string, nodes: readonly Node[]): Node[] {
  return region === own ? [...nodes] : nodes.filter(({ promote }) => Object.hasOwn(promote.regions, region));
}

/** The regions of these nodes, the account's own first. */
export function regionsOf(own: string, nodes: readonly Node[]): string[] {
  return [...new Set([own, ...nodes.flatMap(({ promote }) => Object.keys(promote.regions))])];
}

/**
 * Reads what a region has of the nodes that are promoted there: pages of images, 10 parameters a call, and a call for each
 * launch template and for each other account, where nodes.yaml names one.
 * @throws what EC2 or Systems Manager throws
 */
export async function readRegion(account: RegionAccount, nodes: readonly Node[]): Promise<RegionState> {
  const names = nodes.flatMap(({ promote }) => promote.launchTemplate ?? []);
  const accounts = [...new Set(nodes.flatMap(({ promote }) => promote.accounts))];
  const [images, parameters, templates, shared] = await Promise.all([
    account.imagesOfNodes(nodes.map(({ name }) => name)),
    account.parameters(nodes.map(({ promote }) => promote.parameter)),
    Promise.all(names.map(async (name) => [name, await account.templateInService(name)] as const)),
    Promise.all(accounts.map(async (id) => [id, await account.imagesSharedWith(id)] as const)),
  ]);
  const known = new Set(images.map(({ id }) => id));
  const named = [
    ...[...parameters.values()].map(({ value }) => value),
    ...templates.flatMap(([, version]) => version?.imageId ?? []),
  ].filter((id) => id.startsWith('ami-') && !known.has(id));
  const strangers = await Promise.all(
    [...new Set(named)].map(async (id) => [id, await account.anyImage(id)] as const),
  );
  const snapshots = images.some(({ encrypted }) => encrypted)
    ? await Promise.all(accounts.map(async (id) => [id, await account.snapshotsSharedWith(id)] as const))
    : [];
  const both = shared.map(
    ([id, ofImages]) => [id, new Set([...ofImages, ...(new Map(snapshots).get(id) ?? [])])] as const,
  );
  return {
    ...{ account, region: account.region, images, parameters },
    templates: new Map(templates),
    strangers: new Map(strangers),
    shared: new Map(both),
  };
}
