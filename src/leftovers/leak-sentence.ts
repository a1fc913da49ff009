import { notOursSentence } from '../aws/ours.ts';
import type { KeepReason, Over } from './decide-leaks.ts';

/** A reason of the reaper's, for a person. */
export function leakSentence(reason: Over | KeepReason): string {
  switch (reason.kind) {
    case 'finished':
      return 'its run is finished';
    case 'old':
      return `its run is over: nothing newer than ${time(reason.newestMs)}`;
    case 'live':
      return 'its run is this one';
    case 'young':
      return `its run may go on: something of it is of ${time(reason.newestMs)}`;
    case 'until':
      return `its run may go on until ${time(reason.untilMs)}`;
    case 'undated':
      return 'nothing tells when its run was: if it is over, name it with --finished';
    case 'ambiguous-name':
      return 'its name fits several bakes, one of which may go on';
    case 'keep-tag':
      return 'somebody tagged it bakehouse:keep';
    case 'in-group':
      return `it belongs to a group of servers (tag ${reason.tag})`;
    case 'tags-of-image':
      return `it bears an image's tags (${reason.tag}), so it is a server's`;
    case 'launched-from-image':
      return `it was launched from the image of run ${reason.run}, so it is a server's`;
    case 'origin-unknown':
      return "what it was made of is gone, or of another account, so it may be a server's";
    case 'not-ours':
      return `not ours: ${notOursSentence(reason.why)}`;
    case 'own-name':
      return `it is named ${reason.name}, as no bake names it`;
    case 'own-tags':
      return 'it bears tags that no bake put on it';
    case 'state':
      return `it is ${reason.state}`;
    case 'attached':
      return `it is attached to ${reason.instanceId}`;
    case 'mapped':
      return `it belongs to ${reason.imageIds.join(', ')}`;
    case 'in-use':
      return `used by ${reason.users[0]?.by ?? '?'}`;
    case 'image-gone':
      return 'its image is gone: cleanup deletes it, once it knows that nothing maps it';
  }
}

function time(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'no date' : `${date.toISOString().slice(0, 19)}Z`;
}
