import { originalOf } from '../aws/copies.ts';
import { notOursSentence } from '../aws/ours.ts';
import { tag, tagText } from '../aws/tags.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import type { Node } from '../nodes/node.ts';
import type { Reference } from '../references/reference.ts';
import { type Failure, failureOf, regionFailure } from '../aws/call-failure.ts';
import type { TemplateVersion } from './launch-template-calls.ts';
import type { LockDeps } from './pointer-lock.ts';
import type { RegionAccount, RegionImage } from './promote-account.ts';
import { nodesIn } from './region-state.ts';
import { familyOf, type PlacedImage, type PointersBack, pointersBack } from './revocation.ts';
import { type Moved, type RegionMove, setPointers } from './set-pointers.ts';

/** What is asked for. */
export interface Revocation {
  /** An image of the own region. */
  imageId: string;
  reason: string;
  /** All of nodes.yaml. */
  nodes: readonly Node[];
  apply: boolean;
}

/** What a revocation needs besides what moving pointers needs. */
export interface RevokeDeps extends LockDeps {
  /** The own region first, then those of all nodes' `promote`. */
  regions: readonly [RegionAccount, ...RegionAccount[]];
  /** Who uses images of a region, by the image's id. */
  users: (region: string, ids: readonly string[]) => Promise<ReadonlyMap<string, readonly Reference[]>>;
}

/** What became of a node's pointers that named a revoked image. */
export interface NodeBack {
  node: Node;
  back: PointersBack;
  moved: Moved[];
  failure?: Failure;
}

/** What a revocation did, or would do. */
export interface Revoked {
  request: Revocation;
  family: PlacedImage[];
  nodes: NodeBack[];
  /** Who uses the family now. */
  users: { region: string; imageId: string; users: readonly Reference[] }[];
  /** Regions, or parts of the work there, that failed. */
  failures: (Failure & { region: string })[];
}

/** What a region says before anything is done. */
interface RegionState {
  account: RegionAccount;
  images: RegionImage[];
  /** Of each node that has the region: what its pointers hold. */
  pointers: ReadonlyMap<string, { current: string | undefined; template: TemplateVersion | undefined }>;
}

/**
 * Takes an image out of service with all that was made of it: tags them, moves pointers back, and says who still uses
 * them. The tags come first: from then on no promote takes one of them. A region that cannot be reached does not keep the
 * others from being done; run again, it goes on.
 * @throws StageError (exit 2) when there is no such image of ours; CloudError when the own region is not available
 */
export async function revokeImage(request: Revocation, deps: RevokeDeps): Promise<Revoked> {
  const { imageId, nodes, reason, apply } = request;
  const [own, ...others] = deps.regions;
  const failures: Revoked['failures'] = [];
  const fromRegion = async <T>(region: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      failures.push({ region, ...regionFailure(error, region) });
      return undefined;
    }
  };
  const ownState = await stateOf(own, nodes);
  const otherStates = await Promise.all(
    others.map((account) =>
      fromRegion(account.region, () => stateOf(account, nodesIn(account.region, own.region, nodes))),
    ),
  );
  const states = [ownState, ...otherStates.flatMap((state) => state ?? [])] as const;
  checkImage(imageId, states);
  const images = states.map(({ account: { region }, images: found }) => ({ region, images: found }));
  const family = familyOf(imageId, images);
  const revoked = byRegion(family);
  if (apply) {
    for (const { account } of states) {
      deps.signal.throwIfAborted();
      const open = family.filter(
        ({ region, image }) => region === account.region && image.revoked === undefined,
      );
      if (open.length === 0) continue;
      const ids = open.map(({ image }) => image.id);
      await fromRegion(account.region, () => account.tag(ids, { [tag.revoked]: tagText(reason) }));
    }
  }
  const backs: NodeBack[] = [];
  for (const node of nodes) {
    const current = new Map(
      states.flatMap(({ account: { region }, pointers }) => {
        const held = pointers.get(node.name);
        const named = [held?.current, held?.template?.imageId];
        return held === undefined ? [] : [[region, named.filter((id) => id !== undefined)] as const];
      }),
    );
    const back = pointersBack(node.name, current, revoked, images);
    if (back === undefined) continue;
    backs.push(await moveBack(node, back, states, revoked, request, deps));
  }
  const users: Revoked['users'] = [];
  for (const [region, ids] of revoked) {
    const found = await fromRegion(region, () => deps.users(region, [...ids]));
    for (const [id, list] of found ?? []) users.push({ region, imageId: id, users: list });
  }
  return { request, family, nodes: backs, users, failures };
}

/** @param here the nodes that are promoted in the region */
async function stateOf(account: RegionAccount, here: readonly Node[]): Promise<RegionState> {
  const [images, parameters, templates] = await Promise.all([
    account.taggedImages(),
    account.parameters(here.map(({ promote }) => promote.parameter)),
    Promise.all(
      here.map(async ({ promote: { launchTemplate } }) =>
        launchTemplate === undefined ? undefined : account.templateInService(launchTemplate),
      ),
    ),
  ]);
  const pointers = here.map(({ name, promote }, index) => {
    const held = { current: parameters.get(promote.parameter)?.value, template: templates[index] };
    return [name, held] as const;
  });
  return { account, images, pointers: new Map(pointers) };
}

/** The id of a failing server's image is often a copy's. */
function checkImage(imageId: string, states: readonly [RegionState, ...RegionState[]]): void {
  const refuse = (why: string) => new StageError(`${imageId}: ${why}`, exitCode.badInput);
  const [own] = states;
  const state = states.find(({ images }) => images.some(({ id }) => id === imageId)) ?? own;
  const image = state.images.find(({ id }) => id === imageId);
  if (image === undefined)
    throw refuse(
      `this account has no image of a bake with this id in ${states.map(({ account }) => account.region).join(', ')}`,
    );
  if (image.notOurs !== undefined) throw refuse(`it is not ours: ${notOursSentence(image.notOurs)}`);
  const { region } = own.account;
  const original = originalOf(image);
  if (original !== undefined && original.region !== state.account.region) {
    const where = original.region === region ? '' : ` with AWS_REGION=${original.region}`;
    throw refuse(`it is a copy in ${state.account.region}: revoke its original ${original.id}${where}`);
  }
  if (state !== own) throw refuse(`it was baked in ${state.account.region}: set AWS_REGION to that`);
}

function byRegion(family: readonly PlacedImage[]): Map<string, Set<string>> {
  const ids = new Map<string, Set<string>>();
  for (const { region, image } of family) ids.set(region, (ids.get(region) ?? new Set()).add(image.id));
  return ids;
}

async function moveBack(
  node: Node,
  back: PointersBack,
  states: readonly RegionState[],
  revoked: ReadonlyMap<string, ReadonlySet<string>>,
  { apply }: Revocation,
  deps: RevokeDeps,
): Promise<NodeBack> {
  if (back.kind === 'stays' || !apply) return { node, back, moved: [] };
  const regions = back.regions.flatMap(({ region, imageId }): RegionMove[] => {
    const state = states.find(({ account }) => account.region === region);
    const held = state?.pointers.get(node.name);
    if (state === undefined || held === undefined) return [];
    const { current, template } = held;
    const isRevoked = revoked.get(region)?.has(template?.imageId ?? '') === true;
    return [
      { account: state.account, imageId, current, ...(template !== undefined && isRevoked && { template }) },
    ];
  });
  try {
    const move = { node, kind: 'revoke', image: back.original.id, own: deps.regions[0], regions } as const;
    return { node, back, moved: await setPointers(move, deps) };
  } catch (error) {
    return { node, back, moved: [], failure: failureOf(error) };
  }
}
