import { setTimeout as sleep } from 'node:timers/promises';
import { freshToken } from '../api/paging.ts';
import { Fault } from '../api/fault.ts';
import type { Copying } from '../cloud.ts';
import { Named, type Xml } from '../api/xml.ts';
import type { Answer, Asked, Protocol, Refusal } from '../protocols/protocol.ts';
import type { State } from '../state/model.ts';
import type { Effect } from './fault-list.ts';

/** An error that was ordered: it goes out under its own name, whatever the service calls it. */
export class OrderedError extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** What of the cloud is not as it is. */
export interface Otherwise {
  readonly state?: State | undefined;
  readonly copying?: Copying;
}

interface Need {
  readonly asked: Asked;
  readonly protocol: Protocol;
  /** Does the call, on a part of the cloud that is another than usual. */
  readonly run: (other?: Otherwise) => Promise<Xml>;
  readonly stale: (seconds: number) => State | undefined;
}

/** Does a call in the way that a fault wants it. */
export async function perform(
  effect: Effect | undefined,
  { asked, protocol, run, stale }: Need,
): Promise<Xml> {
  switch (effect?.kind) {
    case 'error':
      throw new OrderedError(effect);
    case 'delay':
      await sleep(effect.ms, undefined, { ref: false });
      return run();
    case 'drop':
      if (effect.when === 'before') throw new Fault('Dropped', 'Nobody reads this: see deliver()');
      return run();
    case 'empty page': {
      const result = await run();
      const token = asked.parameters.get('NextToken');
      const next = freshToken(typeof token === 'string' && token !== '' ? token : undefined);
      return { ...changeLists(result, () => []), [protocol.tokenField]: next };
    }
    case 'stale read':
      return run({ state: stale(effect.seconds) });
    case 'copy':
      return run({ copying: effect.copying });
    case 'malformed': {
      const result = await run();
      return effect.how === 'cut off' ? result : changeLists(result, () => undefined);
    }
    case undefined:
      return run();
  }
}

/** Changes an answer on its way in the way that a fault wants it. */
export function deliver(effect: Effect | undefined, answer: Answer): Answer {
  if (effect?.kind === 'drop') return { ...answer, status: 0, dropped: true };
  if (effect?.kind !== 'malformed' || effect.how !== 'cut off' || answer.status !== 200) return answer;
  return { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) };
}

/** The lists of a result, and not those within their items. */
function changeLists(result: Xml, change: () => Xml): Record<string, Xml> {
  if (typeof result !== 'object' || isList(result) || result instanceof Date) return {};
  return Object.fromEntries(
    Object.entries(result).map(([name, value]: [string, Xml]) => [name, isList(value) ? change() : value]),
  );
}

function isList(value: Xml): value is Named | readonly Xml[] {
  return value instanceof Named || Array.isArray(value);
}
