import type { EC2Client } from '@aws-sdk/client-ec2';
import { malformed } from '../aws/ec2-failure.ts';
import { runTimeoutMs } from './decide-leftovers.ts';
import { leftoverDeps } from './leftover-account.ts';
import { leftoverLists, leftoverSentence } from './leftover-sentence.ts';
import { removeLeftovers, type LeftoverCleanup } from './remove-leftovers.ts';
import { sdk } from '../aws/sdk.ts';
import { tag, tagMap } from '../aws/tags.ts';

const { DescribeImagesCommand } = sdk('@aws-sdk/client-ec2');

/** A bake that has ended, by the names of its resources in EC2. */
interface EndedBake {
  node: string;
  run: string;
  imageName: string;
  /** Of a bake that succeeded: the image stays. */
  imageId?: string | undefined;
}

/** What was removed, and what is still there, with the reason. */
interface LeftoverLists {
  removed: string[];
  left: string[];
}

/** How often it is decided anew what is left, where a resource has changed meanwhile. */
const rounds = 3;
const ofImages: ReadonlySet<string> = new Set(['image', 'snapshot']);
const never = new AbortController().signal;

/**
 * Removes whatever a bake left in EC2: its instances, volumes and key pair; where it did not end in an image, also
 * an image with snapshots unless that was verified. What fails is listed, and the rest is still removed.
 * @throws CloudError when EC2 cannot even be asked.
 */
export async function removeBakeLeftovers(ec2: EC2Client, bake: EndedBake): Promise<LeftoverLists> {
  const { node, run, imageName, imageId } = bake;
  const request = {
    finished: new Set([run]),
    unwanted: new Set(imageId === undefined ? [imageName] : []),
    only: [node],
    timeoutMs: runTimeoutMs,
    apply: true,
    signal: never,
  };
  const account = leftoverDeps(ec2, { node, run });
  // EC2 may still show a new image as pending or without its tags, as it shows one that was cut off.
  const resources = async () => (await account.resources()).filter(({ type }) => !ofImages.has(type));
  const deps = imageId === undefined ? account : { ...account, resources };
  const removed: string[] = [];
  let cleanup: LeftoverCleanup;
  let round = 0;
  // A request of a killed Packer may still be under way, and tag its image between the decision and the removal.
  do {
    cleanup = await removeLeftovers(request, deps);
    removed.push(...leftoverLists(cleanup).removed);
    round += 1;
  } while (round < rounds && [...cleanup.outcomes.values()].some(({ kind }) => kind === 'spared'));
  const { left } = leftoverLists(cleanup);
  // It has the bake's tags; only a person can say whether it is the bake's machine.
  const doubtful = cleanup.decisions
    .filter(({ reason }) => reason.kind === 'origin-unknown')
    .map(({ resource, reason }) => `${resource.id} (${leftoverSentence(reason)})`);
  const images = imageId === undefined ? await untaggedImages(ec2, imageName, cleanup) : [];
  return { removed, left: [...left, ...doubtful, ...images] };
}

/** Removes what earlier runs of a node left behind, when their age says that they have ended. */
export async function removeNodeLeftovers(
  ec2: EC2Client,
  request: { node: string; run: string; timeoutMs: number; signal: AbortSignal },
): Promise<LeftoverLists> {
  const { node, run, timeoutMs, signal } = request;
  const rule = {
    finished: new Set<string>(),
    live: new Set([run]),
    only: [node],
    // Another build's key pair says how long that may take; without one, it may take as long as this build.
    timeoutMs: Math.max(runTimeoutMs, timeoutMs + runTimeoutMs / 3),
  };
  return leftoverLists(await removeLeftovers({ ...rule, apply: true, signal }, leftoverDeps(ec2)));
}

/**
 * Packer tags an image last, so one that was cut off has no tag; EC2 forgets the instance that it was made from an hour
 * after its end. Two bakes of a node that began in the same second use the same name: such an image stays.
 */
async function untaggedImages(
  ec2: EC2Client,
  imageName: string,
  { decisions }: LeftoverCleanup,
): Promise<string[]> {
  const byName = [{ Name: 'name', Values: [imageName] }];
  const query = new DescribeImagesCommand({ Owners: ['self'], Filters: byName });
  const { Images: images } = await ec2.send(query);
  if (images === undefined) throw malformed('ec2:DescribeImages');
  const known = new Set(decisions.map(({ resource }) => resource.id));
  return images
    .filter(({ ImageId: id = '', Tags }) => !known.has(id) && !tagMap(Tags).has(tag.run))
    .map(({ ImageId: id = '' }) => `${id} (${imageName} has no tag and may belong to another bake)`);
}
