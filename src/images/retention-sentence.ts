import type { Reason } from './retention.ts';

/** A reason as a person reads it in the table. */
export function sentence(reason: Reason): string {
  switch (reason.kind) {
    case 'in-use': {
      const [first = '', ...others] = reason.users;
      return `used by ${first}${others.length > 0 ? ` and ${others.length} more` : ''}`;
    }
    case 'unknown-node':
      return 'its node is not in nodes.yaml';
    case 'state':
      return `is ${reason.state}`;
    case 'no-date':
      return 'EC2 gives it no date of creation';
    case 'in-the-future':
      return "was created in the future, by this computer's clock";
    case 'newest-verified':
      return `verified, ${place(reason)}`;
    case 'older-verified':
      return `verified, but only the newest ${reason.keep} stay and it is number ${reason.rank}`;
    case 'young':
      return 'not verified, but younger than 1 h: verify or somebody may still look at it';
    case 'none-verified':
      return `the node has no verified image, and this is ${place(reason)}`;
    case 'older-of-none-verified':
      return `not verified, as no image of the node: only the newest ${reason.keep} stay and it is number ${reason.rank}`;
    case 'unverified':
      return 'not verified in 1 h, and the node has a verified image';
    case 'rejected':
      return 'verify rejected it, over 1 h ago';
    case 'failed':
      return 'EC2 failed to make it, over 1 h ago';
  }
}

function place({ rank, keep }: { rank: number; keep: number }): string {
  return rank === 1 ? 'the newest' : `number ${rank} of the ${keep} to keep`;
}
