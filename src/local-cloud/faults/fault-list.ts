import { z } from 'zod';
import type { Copying } from '../cloud.ts';
import { protocols, type Service } from '../protocols/services.ts';
import { type Region, regions } from '../region.ts';

/** What a call is to a fault. */
export interface CallFacts {
  readonly service: Service;
  readonly action: string;
  /** Where it is made; absent: anywhere. */
  readonly region?: string;
  readonly writes: boolean;
  /** Takes a NextToken. */
  readonly paginated: boolean;
}

/** What happens to a call that a fault hits. */
export type Effect =
  | { readonly kind: 'error'; readonly code: string; readonly status: number; readonly message: string }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }
  | { readonly kind: 'empty page' }
  | { readonly kind: 'stale read'; readonly seconds: number }
  | { readonly kind: 'malformed'; readonly how: 'no list' | 'cut off' }
  | { readonly kind: 'copy'; readonly copying: Copying };

/** An ordered fault: which calls it hits, and what it does to them. */
export interface OrderedFault {
  readonly service?: Service | undefined;
  readonly region?: Region | undefined;
  /** A name, a beginning of one with `*`, or `*`. */
  readonly action: string;
  readonly probability: number;
  /** So many matching calls are let pass first. */
  readonly after: number;
  readonly times: number;
  readonly effect: Effect;
}

export interface FaultList {
  readonly seed: number | undefined;
  readonly faults: readonly OrderedFault[];
}

const hour = 3600;
const count = z.int().min(0);

const effects = {
  error: z.strictObject({
    code: z.string().regex(/^[A-Za-z][\w.]*$/),
    status: z.int().min(400).max(599),
    message: z.string().optional(),
  }),
  delayMs: z
    .int()
    .min(0)
    .max(hour * 1000),
  drop: z.enum(['before', 'after']),
  emptyPage: z.literal(true),
  staleReadsSeconds: z.number().positive().max(hour),
  malformed: z.union([z.literal(true), z.literal('cut')]),
  copy: z.strictObject({ seconds: z.number().min(0).max(hour), failure: z.string().optional() }),
};
const kinds = Object.keys(effects) as (keyof typeof effects)[];

const faultSchema = z
  .strictObject({
    service: z.enum(Object.keys(protocols) as [Service, ...Service[]]).optional(),
    region: z.enum(regions).optional(),
    action: z.string().regex(/^(?:\*|[A-Z]\w*\*?)$/, 'give a name, Describe* or *'),
    probability: z.number().min(0).max(1).default(1),
    after: count.default(0),
    times: count.default(Infinity),
    ...z.strictObject(effects).partial().shape,
  })
  .refine((given) => kinds.filter((kind) => given[kind] !== undefined).length === 1, {
    error: `exactly one of ${kinds.join(', ')} must be given`,
  });

const listSchema = z.union([
  z.array(faultSchema),
  z.strictObject({ seed: z.int().optional(), faults: z.array(faultSchema) }),
]);

/** Reads faults.json. Throws an Error with one line where anything is wrong: a list is taken whole or not at all. */
export function readFaultList(text: string, known: readonly CallFacts[]): FaultList {
  const value: unknown = JSON.parse(text);
  // Each form by itself: a union would not tell what is wrong.
  const bare = Array.isArray(value);
  const schema = listSchema.options[bare ? 0 : 1];
  const { success, data, error } = schema.safeParse(value);
  if (!success) {
    const [issue] = error.issues;
    throw new Error(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const given = Array.isArray(data) ? data : data.faults;
  const faults = given.map(({ service, region, action, probability, after, times, ...effect }) => ({
    service,
    region,
    action,
    probability,
    after,
    times,
    effect: effectOf(effect),
  }));
  for (const [index, fault] of faults.entries()) {
    if (!known.some((call) => matches(fault, call)))
      throw new Error(`${bare ? '' : 'faults.'}${index}: no action of this cloud can have it`);
  }
  return { seed: Array.isArray(data) ? undefined : data.seed, faults };
}

type GivenEffect = { [K in keyof typeof effects]?: z.infer<(typeof effects)[K]> | undefined };

function effectOf({
  error,
  delayMs,
  drop,
  emptyPage,
  staleReadsSeconds,
  malformed,
  copy,
}: GivenEffect): Effect {
  if (error !== undefined) {
    const { code, status, message = 'This error was ordered by faults.json' } = error;
    return { kind: 'error', code, status, message };
  }
  if (delayMs !== undefined) return { kind: 'delay', ms: delayMs };
  if (drop !== undefined) return { kind: 'drop', when: drop };
  if (emptyPage !== undefined) return { kind: 'empty page' };
  if (staleReadsSeconds !== undefined) return { kind: 'stale read', seconds: staleReadsSeconds };
  if (copy !== undefined) return { kind: 'copy', copying: copy };
  return { kind: 'malformed', how: malformed === 'cut' ? 'cut off' : 'no list' };
}

/** Whether a fault can hit such a call at all. */
export function matches({ service, region, action, effect }: OrderedFault, call: CallFacts): boolean {
  if (service !== undefined && service !== call.service) return false;
  if (region !== undefined && call.region !== undefined && region !== call.region) return false;
  const named = action.endsWith('*') ? call.action.startsWith(action.slice(0, -1)) : call.action === action;
  if (!named) return false;
  if (effect.kind === 'empty page') return call.paginated;
  if (effect.kind === 'copy') return call.action === 'CopyImage';
  return effect.kind !== 'stale read' || !call.writes;
}
