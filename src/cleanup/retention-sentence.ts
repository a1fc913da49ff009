import { notOursSentence } from '../aws/ours.ts';
import type { Reason } from './retention.ts';

/** A reason as a person reads it in the table. */
export function sentence(reason: Reason): string {
  switch (reason.kind) {
    case 'not-ours':
      return `not ours: ${notOursSentence(reason.why)}`;
    case 'untagged':
      return `named like an image of ${reason.node}, but no bake tagged it: --adopt takes it in`;
    case 'in-use': {
      const [first, ...others] = reason.users;
      return `used by ${first?.by ?? '?'}${others.length > 0 ? ` and ${others.length} more` : ''}`;
    }
    case 'keep-tag':
      return 'bears the tag bakehouse:keep';
    case 'protected':
      return `protected from deregistration (${reason.how})`;
    case 'unknown-node':
      return 'its node is not in nodes.yaml: --gone deletes it';
    case 'state':
      return `is ${reason.state}`;
    case 'disabled-until':
      return `disabled, to be deleted from ${reason.until.slice(0, 16).replace('T', ' ')} UTC on`;
    case 'only-disabled':
      return 'disabled for long enough, but the node has no other image';
    case 'no-date':
      return 'EC2 gives it no date of creation';
    case 'in-the-future':
      return "was created in the future, by this computer's clock";
    case 'newest-verified':
      return `verified, ${place(reason)}`;
    case 'newest':
      return `${place(reason)}, verified or not`;
    case 'young':
      return `younger than ${minutes(reason.minAgeMs)}: verify or somebody may still look at it`;
    case 'going-on':
      return `its run ${reason.run} still goes on`;
    case 'older-verified':
      return `verified, but only the newest ${reason.keep} stay and it is number ${reason.rank}`;
    case 'older':
      return `not verified: only the newest ${reason.keep} of all stay and it is number ${reason.rank}`;
    case 'rejected':
      return 'verify rejected it';
    case 'failed':
      return 'EC2 failed to make it';
    case 'disabled-long-enough':
      return 'disabled for long enough';
    case 'gone-node':
      return 'its node has left nodes.yaml (--gone)';
  }
}

function place({ rank, keep }: { rank: number; keep: number }): string {
  return rank === 1 ? 'the newest' : `number ${rank} of the ${keep} to keep`;
}

function minutes(ms: number): string {
  return ms % 3_600_000 === 0 ? `${ms / 3_600_000} h` : `${Math.round(ms / 60_000)} min`;
}
