import type { EC2Client } from '@aws-sdk/client-ec2';
import { malformed } from '../aws/ec2-failure.ts';
import { runTimeoutMs } from './decide-leaks.ts';
import { leakAccount } from './leak-account.ts';
import { leakSentence } from './leak-sentence.ts';
import { leakLists } from './leaks-result.ts';
import { reapLeaks, type Reaped } from './reap-leaks.ts';
import { sdk } from '../aws/sdk.ts';
import { tag, tagMap } from '../aws/tags.ts';

const { DescribeImagesCommand } = sdk('@aws-sdk/client-ec2');

/** A bake that is over, by what it called its things in EC2. */
interface EndedBake {
  node: string;
  run: string;
  imageName: string;
  /** Of a bake that ended well: the image stays. */
  imageId?: string | undefined;
}

/** What was removed, and what is still there, with the reason. */
interface Leftovers {
  removed: string[];
  left: string[];
}

const ofImages: ReadonlySet<string> = new Set(['image', 'snapshot']);
const never = new AbortController().signal;

/**
 * Removes whatever a bake left in EC2: its instances, volumes and key pair; where it did not end in an image, also
 * an image with snapshots unless that was verified. Goes on after what fails, and tells it.
 * @throws CloudError when EC2 cannot even be asked.
 */
export async function removeLeftovers(ec2: EC2Client, bake: EndedBake): Promise<Leftovers> {
  const { node, run, imageName, imageId } = bake;
  const order = {
    finished: new Set([run]),
    unwanted: new Set(imageId === undefined ? [imageName] : []),
    only: [node],
    timeoutMs: runTimeoutMs,
    apply: true,
    signal: never,
  };
  const account = leakAccount(ec2, { node, run });
  // EC2 may still show a new image as pending or without its tags, as it shows one that was cut off.
  const things = async () => (await account.things()).filter(({ type }) => !ofImages.has(type));
  const reaped = await reapLeaks(order, imageId === undefined ? account : { ...account, things });
  const { removed, left } = leakLists(reaped);
  // It bears the bake's tags; whether it is the bake's machine, a person must say.
  const doubtful = reaped.decisions
    .filter(({ reason }) => reason.kind === 'origin-unknown')
    .map(({ thing, reason }) => `${thing.id} (${leakSentence(reason)})`);
  const images = imageId === undefined ? await untaggedImages(ec2, imageName, reaped) : [];
  return { removed, left: [...left, ...doubtful, ...images] };
}

/** What earlier runs of a node have left, which are over by their age. */
export async function reapNode(
  ec2: EC2Client,
  order: { node: string; run: string; timeoutMs: number; signal: AbortSignal },
): Promise<Leftovers> {
  const { node, run, timeoutMs, signal } = order;
  const rule = {
    finished: new Set<string>(),
    live: new Set([run]),
    only: [node],
    // What another build was given, its key pair says; one without such a key, as long as this one.
    timeoutMs: Math.max(runTimeoutMs, timeoutMs + runTimeoutMs / 3),
  };
  return leakLists(await reapLeaks({ ...rule, apply: true, signal }, leakAccount(ec2)));
}

/**
 * Packer tags an image last, so one that was cut off bears no tag; EC2 forgets the instance that it was made of an hour
 * after its end. And two bakes of a node that began in the same second want the same name: such an image stays.
 */
async function untaggedImages(ec2: EC2Client, imageName: string, { decisions }: Reaped): Promise<string[]> {
  const byName = [{ Name: 'name', Values: [imageName] }];
  const query = new DescribeImagesCommand({ Owners: ['self'], Filters: byName });
  const { Images: images } = await ec2.send(query);
  if (images === undefined) throw malformed('ec2:DescribeImages');
  const known = new Set(decisions.map(({ thing }) => thing.id));
  return images
    .filter(({ ImageId: id = '', Tags }) => !known.has(id) && !tagMap(Tags).has(tag.run))
    .map(({ ImageId: id = '' }) => `${id} (${imageName} bears no tag, and may be another bake's)`);
}
