import { notOursSentence } from '../aws/ours.ts';
import type { LeftoverDecision, LeftoverKeepReason, RunEnded } from './decide-leftovers.ts';
import type { LeftoverCleanup } from './remove-leftovers.ts';

/** Why a leftover goes or stays, for a person. */
export function leftoverSentence(reason: RunEnded | LeftoverKeepReason): string {
  switch (reason.kind) {
    case 'finished':
      return 'its run has ended';
    case 'old':
      return `its run has ended: its newest resource is from ${time(reason.newestMs)}`;
    case 'live':
      return 'it belongs to this run';
    case 'young':
      return `its run may still be going on: its newest resource is from ${time(reason.newestMs)}`;
    case 'until':
      return `its run may still be going on until ${time(reason.untilMs)}`;
    case 'undated':
      return 'the age of its run is unknown: if the run has ended, name it with --finished';
    case 'ambiguous-name':
      return 'its name fits several bakes, and one of them may still be going on';
    case 'keep-tag':
      return 'it has the tag bakehouse:keep';
    case 'in-group':
      return `it belongs to a group of servers (tag ${reason.tag})`;
    case 'tags-of-image':
      return `it has an image's tag (${reason.tag}), so it belongs to a server`;
    case 'launched-from-image':
      return `it was launched from the image of run ${reason.run}, so it belongs to a server`;
    case 'origin-unknown':
      return 'what it was made from is gone or in another account, so it may belong to a server';
    case 'not-ours':
      return `not ours: ${notOursSentence(reason.why)}`;
    case 'own-name':
      return `no bake uses the name ${reason.name}`;
    case 'own-tags':
      return 'it has tags that no bake sets';
    case 'state':
      return `it is ${reason.state}`;
    case 'attached':
      return `it is attached to ${reason.instanceId}`;
    case 'mapped':
      return `it belongs to ${reason.imageIds.join(', ')}`;
    case 'in-use':
      return `used by ${reason.users[0]?.by ?? '?'}`;
    case 'image-gone':
      return 'its image is gone: cleanup without --leaks deletes it when nothing uses it';
  }
}

function time(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'no date' : `${date.toISOString().slice(0, 19)}Z`;
}

/** What was removed, and what could not be removed, for a person. */
export function leftoverLists({ decisions, outcomes }: LeftoverCleanup): {
  removed: string[];
  left: string[];
} {
  const ends = decisions.flatMap((decision) => {
    const outcome = outcomes.get(decision.resource.id);
    return outcome === undefined ? [] : [{ what: nameOf(decision), ...outcome }];
  });
  return {
    removed: ends.filter(({ kind }) => kind === 'deleted').map(({ what }) => what),
    left: ends
      .filter(({ kind }) => kind !== 'deleted' && kind !== 'gone')
      .map(({ what, why }) => `${what} (${why ?? 'no reason given'})`),
  };
}

/** A resource as a person knows it. */
export function nameOf({ resource }: LeftoverDecision): string {
  return resource.type === 'key-pair' ? `key pair ${resource.name ?? resource.id}` : resource.id;
}
