import { durationText } from '../lib/printable.ts';
import { notOursSentence } from '../aws/ours.ts';
import type { Hold } from './fuses.ts';
import type { SnapshotReason } from './snapshot-retention.ts';
import type { RetentionReason } from './retention.ts';

/** Why an image stays or goes, as the table says it. */
export function retentionSentence(reason: RetentionReason): string {
  switch (reason.kind) {
    case 'not-ours':
      return `not ours: ${notOursSentence(reason.why)}`;
    case 'untagged':
      return `named like an image of ${reason.node}, but no bake tagged it (--adopt manages it)`;
    case 'in-use': {
      const [first, ...others] = reason.users;
      return `used by ${first?.by ?? '?'}${others.length > 0 ? ` and ${others.length} more` : ''}`;
    }
    case 'keep-tag':
      return 'has the tag bakehouse:keep';
    case 'protected':
      return `protected from deregistration (${reason.how})`;
    case 'unknown-node':
      return 'its node is not in nodes.yaml (--gone deletes it)';
    case 'state':
      return `is ${reason.state}`;
    case 'disabled-until':
      return `disabled; cleanup deletes it after ${reason.until.slice(0, 16).replace('T', ' ')} UTC`;
    case 'only-disabled':
      return 'disabled long enough to be deleted, but the node has no other image';
    case 'no-date':
      return 'EC2 gives no creation date';
    case 'in-the-future':
      return "its creation date is in the future by EC2's clock";
    case 'newest-verified':
      return `verified, ${place(reason)}`;
    case 'newest':
      return `${place(reason)}, verified or not`;
    case 'young':
      return `younger than ${durationText(reason.minAgeMs)} (--min-age): ${whyYoungGoes(reason)}`;
    case 'going-on':
      return `its run ${reason.run} is still going on`;
    case 'copy':
      return `its copy ${reason.copy} in ${reason.region}: ${retentionSentence(reason.because)}`;
    case 'region-unknown':
      return `whether a copy of it in ${reason.region} is in use is not known`;
    case 'older-verified':
      return `verified, but number ${reason.rank} of the verified images (keep: ${reason.keep})`;
    case 'older':
      return `not verified, and number ${reason.rank} of all images (keep: ${reason.keep})`;
    case 'rejected':
      return 'verify rejected it';
    case 'revoked':
      return `revoked: ${reason.why}`;
    case 'failed':
      return 'EC2 could not create it';
    case 'disabled-long-enough':
      return 'disabled long enough to be deleted';
    case 'gone-node':
      return 'its node is gone from nodes.yaml (--gone)';
  }
}

function whyYoungGoes({ rejected, revoked }: { rejected: boolean; revoked?: string }): string {
  if (revoked !== undefined) return `it was revoked (${revoked})`;
  return rejected ? 'verify rejected it' : 'it may still be in verification';
}

function place({ rank, keep }: { rank: number; keep: number }): string {
  return rank === 1 ? 'the newest' : `number ${rank} of the ${keep} to keep`;
}

/** Why a snapshot without an image stays or goes, as the table says it. */
export function snapshotSentence(reason: SnapshotReason): string {
  switch (reason.kind) {
    case 'orphan':
      return 'its image is gone, as after a cleanup that was interrupted';
    case 'not-ours':
      return `not ours: ${notOursSentence(reason.why)}`;
    case 'unknown-node':
      return 'its image is gone, but its node is not in nodes.yaml (--gone deletes it)';
    case 'keep-tag':
      return 'has the tag bakehouse:keep';
    case 'in-use':
      return `used by ${reason.users[0]?.by ?? '?'}`;
    case 'young':
      return 'its image is gone, but the snapshot is younger than --min-age, or its age is unknown';
    case 'going-on':
      return `its run ${reason.run} is still going on`;
    case 'state':
      return `is ${reason.state}`;
    case 'not-in-plan':
      return 'held back: it is not in the plan';
  }
}

/** Why an image or a snapshot is held back, as the table says it. */
export function holdSentence(hold: Hold): string {
  switch (hold.fuse) {
    case 'not-in-plan':
      return 'held back: it is not in the plan';
    case 'half-of-node':
      return `held back: one run deletes at most half of a node's ${hold.total}, so ${hold.limit} (--no-fuse)`;
    case 'max-delete':
      return `held back: one run deletes at most ${hold.limit} (--max-delete)`;
  }
}
