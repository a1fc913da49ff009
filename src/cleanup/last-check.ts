import { CloudError, codeOf } from '../aws/ec2-failure.ts';
import type { Image } from '../aws/images.ts';
import type { Reference } from '../references/reference.ts';
import { decideRetention, heldPlaces, type RetentionReason, type RetentionRules } from './retention.ts';
import { retentionSentence } from './sentences.ts';

/** What the check right before an image is deleted needs of EC2; each throws what EC2 throws. */
export interface LastCheckDeps {
  /** The image as it is now. */
  image: (id: string) => Promise<Image | undefined>;
  /** What uses it now. */
  users: (imageId: string) => Promise<readonly Reference[]>;
  /** Why its copies in other regions keep it, as they are now; none: there are no other regions. */
  copiesNow?: (planned: Image, rules: RetentionRules) => Promise<string | undefined>;
  /** The images that are named as a node's bakes are, as they are now. */
  imagesOfNode: (node: string) => Promise<Image[]>;
  /**
   * Fails with `InvalidAMIID.…` when one of the images is gone. It must be a call that writes: what EC2 answers to one
   * that reads may be of some seconds ago, also when that is asked twice.
   */
  assertThere: (imageIds: readonly string[], node: string) => Promise<unknown>;
}

/** What a check found: the image as it is now, or why it must be left alone. */
type Checked = { kind: 'goes'; now: Image } | { kind: 'gone' | 'spared'; why: string };

/**
 * Checks an image again: since the decision, an instance may have been launched from it, it may have been verified, or a
 * newer image that replaced it may have been deleted.
 * @throws what EC2 throws, and a CloudError for an answer that cannot be read
 */
export async function checkAgain(
  planned: Image,
  rules: RetentionRules,
  calls: LastCheckDeps,
): Promise<Checked> {
  const now = await unlessGone(calls.image(planned.id));
  if (now === undefined) return { kind: 'gone', why: 'it is gone already' };
  const why =
    changeSince(planned, now) ??
    useOf(await calls.users(planned.id)) ??
    (await calls.copiesNow?.(planned, rules)) ??
    (await whyNeeded(planned, rules, calls));
  return why === undefined ? { kind: 'goes', now } : { kind: 'spared', why };
}

function changeSince(planned: Image, now: Image): string | undefined {
  if (now.node !== planned.node) return `its node tag is now '${now.node}'`;
  if (now.verified !== planned.verified) return `it is ${now.verified ? '' : 'not '}verified now`;
  if (planned.rejected && !now.rejected) return 'it is not rejected any more';
  if (planned.revoked !== undefined && now.revoked === undefined) return 'it is not revoked any more';
  // Its tag comes before the pointers: whoever moves them to it now is seen even where no pointer names it yet.
  if (now.promotedMs !== planned.promotedMs) return 'promote has put it into service since';
  if (now.keepTag) return 'it has the tag bakehouse:keep now';
  if (now.protection !== undefined) return `it is protected from deregistration now (${now.protection})`;
  return now.state === planned.state ? undefined : `it is ${now.state} now`;
}

function useOf([first]: readonly Reference[]): string | undefined {
  return first === undefined ? undefined : `it is used by ${first.by} now`;
}

/** The reasons for deleting an image that a newer one replaces. */
const replaced: ReadonlySet<RetentionReason['kind']> = new Set([
  'older',
  'older-verified',
  'disabled-long-enough',
] as const);

/** Decides again by the images that the node has now; then the newer images that replace it must exist. */
async function whyNeeded(
  planned: Image,
  rules: RetentionRules,
  calls: LastCheckDeps,
): Promise<string | undefined> {
  const { id, node } = planned;
  const images = await calls.imagesOfNode(node);
  const again = decideRetention(images, rules).find(({ image }) => image.id === id);
  if (again === undefined) return 'it is not in the list of images now';
  if (again.action === 'keep') return `it is to stay now: ${retentionSentence(again.reason)}`;
  // Nothing has to replace an image that is rejected or failed, or whose node is gone.
  if (!replaced.has(again.reason.kind)) return undefined;
  const holders = heldPlaces(node, images, rules).map((image) => image.id);
  // Nothing replaces an image of a node that is gone.
  if (holders.length === 0) return undefined;
  try {
    await calls.assertThere(holders, node);
    return undefined;
  } catch (error) {
    if (codeOf(error).startsWith('InvalidAMIID.'))
      return `an image that replaces it is gone: ${messageOf(error)}`;
    // Without the permission, only what was read counts.
    if (error instanceof CloudError && error.problem === 'denied') return undefined;
    throw error;
  }
}

async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (codeOf(error).startsWith('InvalidAMIID.')) return undefined;
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
