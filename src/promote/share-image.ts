import { codeOf } from '../aws/ec2-failure.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import type { Node } from '../nodes/node.ts';
import type { RegionImage } from './promote-account.ts';
import { missingShares } from './region-plan.ts';
import type { RegionState } from './region-state.ts';

/**
 * Lets the node's accounts launch an image, and read its snapshots where these are encrypted: only what they may not yet.
 * @throws StageError (exit 3) when the image is encrypted with a key that cannot be shared
 */
export async function shareImage(image: RegionImage, state: RegionState, node: Node): Promise<void> {
  const { account, region } = state;
  const missing = missingShares(image, state, node);
  const launchers = missing.filter(({ images }) => images).map(({ accountId }) => accountId);
  try {
    if (launchers.length > 0) await account.shareImage(image.id, launchers);
    for (const snapshot of new Set(missing.flatMap(({ snapshots }) => snapshots))) {
      const readers = missing.filter(({ snapshots }) => snapshots.includes(snapshot));
      await account.shareSnapshot(
        snapshot,
        readers.map(({ accountId }) => accountId),
      );
    }
  } catch (error) {
    if (!isOfDefaultKey(error)) throw error;
    throw new StageError(
      `${region}: ${image.id} is encrypted with AWS's own key (aws/ebs), and no other account can use what is: ` +
        `name a key of yours as \`promote.regions.${region}.kms_key\`, or in \`packer\` for the bake's own region, ` +
        'and deregister the copy or bake again',
      exitCode.nodeFailed,
      { cause: error },
    );
  }
}

/**
 * EC2 says `OperationNotPermitted: Encrypted snapshots with EBS default key cannot be shared` of a snapshot, and
 * `InvalidParameter: Snapshots encrypted with the AWS Managed CMK can’t be shared` of an image (hashicorp/packer#7499, #7410).
 */
function isOfDefaultKey(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isRefused = ['OperationNotPermitted', 'InvalidParameter'].includes(codeOf(error));
  return isRefused && /default key|AWS Managed CMK/i.test(error.message);
}
