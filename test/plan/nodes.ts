import type { Candidate, PlanImage } from '../../src/plan/decide.ts';
import { digestOf, inputsTag, type NodeInputs } from '../../src/plan/digest.ts';
import type { PackParts } from '../../src/plan/pack-change.ts';

export const day = 24 * 60 * 60_000;
export const nowMs = Date.UTC(2026, 0, 2, 12);

const hash = (digit: string) => digit.repeat(64);

/** What a node is made of. */
export function inputsOf(over: Partial<NodeInputs> = {}): NodeInputs {
  return {
    catalog: hash('1'),
    files: hash('2'),
    plugins: hash('3'),
    pack: hash('4'),
    scripts: hash('5'),
    source: 'ami-0123456789abcdef0',
    ...over,
  };
}

/** The same pack whatever its facts are. */
export const pack: PackParts = { template: hash('6'), facts: {} };

/** A node that could be judged, and of which everything is known. */
export function judged(over: Partial<Candidate> = {}): Candidate {
  return { name: 'redis', assumePure: false, result: { inputs: inputsOf(), pack, findings: [] }, ...over };
}

/** A verified image of redis, a day old, made of these inputs. */
export function imageOf(over: Partial<PlanImage> = {}, inputs = inputsOf()): PlanImage {
  return {
    id: 'ami-a',
    node: 'redis',
    createdMs: nowMs - day,
    state: 'available',
    verified: true,
    rejected: false,
    digest: digestOf(inputs),
    inputs: inputsTag(inputs),
    sourceAmi: inputs.source,
    commit: undefined,
    ...over,
  };
}
