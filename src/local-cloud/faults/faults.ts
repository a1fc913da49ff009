import { readFileSync, statSync } from 'node:fs';
import type { Actions } from '../cloud.ts';
import { forEachRegion } from '../region.ts';
import type { Service } from '../protocols/services.ts';
import type { State } from '../state/model.ts';
import { chooseFault, seeded, type Tally } from './choose-fault.ts';
import { readFaultList, type CallFacts, type Effect, type FaultList } from './fault-list.ts';
import { keepHistory } from './history.ts';

/** The faults that a person or a test has ordered, for the server. */
export interface Faults {
  /** What is to happen to this call; undefined for nothing but the call itself. */
  readonly choose: (call: CallFacts) => Effect | undefined;
  /** To be called before a write; what it returns, after it. */
  readonly beforeWrite: (state: State) => () => void;
  /** The state of the same region as a stale read sees it; undefined for the present one. */
  readonly stale: (state: State, seconds: number) => State | undefined;
}

/** A file as it is looked at: its stamp changes with it, and is undefined while it is not there. */
export interface Source {
  readonly stamp: () => string | undefined;
  readonly text: () => string;
}

/** Looks at a file of the disk. Without waiting: two calls at once must not read it twice. */
export function fileSource(file: string): Source {
  return {
    stamp: () => {
      const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
      return stat && `${stat.mtimeNs}:${stat.size}:${stat.ino}`;
    },
    text: () => readFileSync(file, 'utf8'),
  };
}

const none: FaultList = { seed: undefined, faults: [] };

interface Need {
  readonly source: Source;
  readonly known: readonly CallFacts[];
  readonly warn: (line: string) => void;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Follows a list of faults: reads it when it has changed, which begins all counts anew. A wrong list is none. */
export function followFaults({ source, known, warn, now }: Need): Faults {
  let stamp: string | undefined;
  let list = none;
  let tallies: Tally[] = [];
  let random = Math.random;
  const histories = forEachRegion(() => keepHistory(now));
  const look = () => {
    const found = source.stamp();
    if (found === stamp) return;
    stamp = found;
    list = none;
    tallies = [];
    if (found === undefined) return;
    try {
      list = readFaultList(source.text(), known);
    } catch (error) {
      warn(`faults.json is wrong, so no fault of it is in force: ${(error as Error).message}`);
    }
    random = list.seed === undefined ? Math.random : seeded(list.seed);
  };
  return {
    choose: (call) => {
      look();
      if (list.faults.length === 0) return undefined;
      const chosen = chooseFault(list.faults, tallies, call, random);
      tallies = chosen.tallies;
      return chosen.effect;
    },
    beforeWrite: (state) => {
      const seconds = list.faults.map(({ effect }) => (effect.kind === 'stale read' ? effect.seconds : 0));
      return histories[state.account.region].note(state, Math.max(0, ...seconds));
    },
    stale: (state, seconds) => histories[state.account.region].before(seconds),
  };
}

/** Where nobody can order a fault. */
export const noFaults: Faults = {
  choose: () => undefined,
  beforeWrite: () => () => undefined,
  stale: () => undefined,
};

/** What a fault must know about each action of the cloud. */
export function callFacts(registry: Readonly<Record<Service, Actions>>): CallFacts[] {
  return Object.entries(registry).flatMap(([service, actions]) =>
    Object.keys(actions).flatMap((name) => factsOf(service as Service, name, actions) ?? []),
  );
}

/** The same about one action; undefined where there is none. */
export function factsOf(service: Service, name: string, actions: Actions): CallFacts | undefined {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined) return undefined;
  return {
    service,
    action: name,
    writes: action.writes,
    paginated: Object.hasOwn(action.parameters, 'NextToken'),
  };
}
