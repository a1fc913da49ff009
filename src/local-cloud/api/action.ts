import { Fault } from './fault.ts';
import type { Branch } from './query.ts';
import { flag, group, type Decoded, type Fields } from './shapes.ts';
import type { Xml } from './xml.ts';

/** One call of the API. `N` is what of the cloud it needs. */
export interface Action<N> {
  /** Changes something: a read-only key may not call it, and a dry run stops before the change. */
  readonly writes: boolean;
  readonly parameters: Fields;
  /** Throws a Fault for every answer that is not a success. */
  readonly run: (query: Branch, need: N) => Promise<Xml>;
}

/** What a write does once everything about the call is known to be right. */
export type Change = () => Xml | Promise<Xml>;

/** These stand beside the parameters of every action. */
const envelope = new Set(['Action', 'Version']);

/** An action that changes nothing. */
export function read<F extends Fields, N>(
  fields: F,
  answer: (parameters: Decoded<F>, need: N) => Xml | Promise<Xml>,
): Action<N> {
  return {
    writes: false,
    parameters: fields,
    run: async (query, need) => {
      const { parameters, dryRun } = decode(query, fields);
      const result = await answer(parameters, need);
      if (dryRun) throw wouldHaveSucceeded();
      return result;
    },
  };
}

/** An action that changes something. `check` finds all that is wrong with it; a dry run never makes the change. */
export function write<F extends Fields, N>(
  fields: F,
  check: (parameters: Decoded<F>, need: N) => Change | Promise<Change>,
): Action<N> {
  return {
    writes: true,
    parameters: fields,
    run: async (query, need) => {
      const { parameters, dryRun } = decode(query, fields);
      const change = await check(parameters, need);
      if (dryRun) throw wouldHaveSucceeded();
      return change();
    },
  };
}

function decode<F extends Fields>(query: Branch, fields: F): { parameters: Decoded<F>; dryRun: boolean } {
  const given: Branch = new Map([...query].filter(([name]) => !envelope.has(name)));
  const dryRun = flag(given.get('DryRun'), 'DryRun') ?? false;
  given.delete('DryRun');
  const parameters = group(fields)(given, '');
  if (parameters === undefined) throw new Error('a group of a map is never absent');
  return { parameters, dryRun };
}

function wouldHaveSucceeded(): Fault {
  return new Fault('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
}
