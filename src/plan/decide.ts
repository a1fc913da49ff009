import type { Finding } from '../puppet/catalogs/compilation.ts';
import { changeSinceRecord, type PackParts } from './pack-change.ts';
import { type BakeReason, type Cause, type Decision, type Failure, notAssumed } from './reason.ts';
import { digestOf, inputNames, isDigest, type NodeInputs, readInputsTag, shortOf } from './digest.ts';

/** A node as it would be baked now. */
export interface Candidate {
  name: string;
  /** Bake again when the newest verified image is older. */
  maxAgeMs?: number;
  /** What cannot be judged is taken for unchanged: all of it, or what these entries name (`function nginx::x`). */
  assumePure: boolean | readonly string[];
  result:
    | { inputs: NodeInputs; pack: PackParts; findings: readonly Finding[] }
    | { failures: readonly [Failure, ...Failure[]] };
}

/** An image of the account, as far as plan needs to know it. */
export interface PlanImage {
  id: string;
  node: string;
  /** Why it is not a bake's although it bears our tags; undefined: it is. */
  notOurs?: object | undefined;
  /** By EC2, in milliseconds since the epoch; undefined: not known. */
  createdMs: number | undefined;
  /** When its bake began, by its name. */
  bakedMs?: number | undefined;
  state: string;
  verified: boolean;
  rejected: boolean;
  /** Why a person revoked it; undefined: nobody did. */
  revoked?: string | undefined;
  /** These as the image's tags have them. */
  digest: string | undefined;
  inputs: string | undefined;
  sourceAmi: string | undefined;
  commit: string | undefined;
  /** These say what is in service, and what is in it: they decide nothing. */
  promotedMs?: number | undefined;
  contents?: string | undefined;
  run?: string | undefined;
  copiedFrom?: string | undefined;
}

/** Clocks may differ by this much: an image from further in the future has no known age. */
const toleranceMs = 60 * 60_000;

/**
 * Decides what to do about a node. Only images of ours that are available, verified and not rejected count, and of those
 * the newest: what a later one replaced says nothing, even if it was the same. Nor does what a revoked one replaced: then
 * the node is baked again. Nothing that is not known makes a skip.
 * @param images of any nodes
 */
export function decide(
  node: Candidate,
  images: readonly PlanImage[],
  nowMs: number,
  options: { forced: boolean },
): Decision {
  const { name, result } = node;
  const ofNode = images.filter((image) => image.node === name && image.notOurs === undefined);
  const { newest, undated } = byAge(ofNode.filter(isGood), nowMs);
  const revoked = revokedReasons(ofNode, nowMs);
  const shown = newest[0] ?? undated[0];
  const about = { node: name, ...(shown === undefined ? {} : { image: shown.id }) };
  if ('failures' in result) return { ...about, action: 'failed', reasons: [...result.failures] };

  const findings = notAssumed(result.findings, node.assumePure);
  const reasons: BakeReason[] = [
    ...(options.forced ? [{ kind: 'forced' } as const] : []),
    ...(findings.length > 0 ? [{ kind: 'not-judged', findings } as const] : []),
    ...(revoked.length > 0
      ? revoked
      : [...imageReasons(newest, undated, result), ...ageReasons(newest, node.maxAgeMs, nowMs)]),
  ];
  if (reasons.length > 0) return { ...about, action: 'bake', reasons };
  // Without a newest image there was a reason above.
  return { ...about, action: 'skip', reasons: [{ kind: 'unchanged', image: newest[0]?.id ?? '' }] };
}

function isGood({ state, verified, rejected, revoked }: PlanImage): boolean {
  return state === 'available' && verified && !rejected && revoked === undefined;
}

/**
 * The revoked images that no good one is known to be newer than. They count in whatever state, so that one that cleanup
 * has disabled is not forgotten.
 */
function revokedReasons(ofNode: readonly PlanImage[], nowMs: number): BakeReason[] {
  const { newest, undated } = byAge(
    ofNode.filter((image) => isGood(image) || image.revoked !== undefined),
    nowMs,
  );
  return [...newest, ...undated].flatMap(({ id, revoked }): BakeReason[] =>
    revoked === undefined ? [] : [{ kind: 'revoked', image: id, why: revoked }],
  );
}

/**
 * The newest images, and those whose age nobody knows. There are several newest ones where EC2's date and the time of
 * the bake in the name disagree, as after older images were copied, and where neither tells them apart.
 */
function byAge(images: readonly PlanImage[], nowMs: number) {
  const isDated = ({ createdMs }: PlanImage) =>
    createdMs !== undefined && Number.isFinite(createdMs) && createdMs <= nowMs + toleranceMs;
  const dated = images.filter(isDated);
  const sorted = (some: readonly PlanImage[]) => some.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const byDate = latest(latest(dated, secondOf), bakeTimeOf);
  const byName = latest(latest(dated, bakeTimeOf), secondOf);
  return {
    newest: sorted([...new Set([...byDate, ...byName])]),
    undated: sorted(images.filter((image) => !isDated(image))),
  };
}

function latest(images: readonly PlanImage[], time: (image: PlanImage) => number): PlanImage[] {
  const last = Math.max(...images.map(time));
  return images.filter((image) => time(image) === last);
}

/** EC2's dates are whole seconds. */
function secondOf({ createdMs = Number.NaN }: PlanImage): number {
  return Math.floor(createdMs / 1000);
}

/** A bake begins before its image is made: a name that says otherwise comes from a wrong clock, and its image would stay the newest for ever. */
function bakeTimeOf({ bakedMs = Infinity, createdMs = Number.NaN }: PlanImage): number {
  return bakedMs <= createdMs + toleranceMs ? bakedMs : createdMs;
}

/** What a node's image would be made of now. */
type Made = Pick<Exclude<Candidate['result'], { failures: unknown }>, 'inputs' | 'pack'>;

function imageReasons(newest: readonly PlanImage[], undated: readonly PlanImage[], made: Made): BakeReason[] {
  if (newest.length + undated.length === 0) return [{ kind: 'no-image' }];
  const differing = newest.flatMap((image) => difference(image, made));
  // One of unknown age may be the newest; if it is no other than the node would be now, that does not matter.
  const unknown =
    newest.length === 0 ? undated : undated.filter((image) => difference(image, made).length > 0);
  return [
    ...differing.slice(0, 1),
    ...unknown.slice(0, 1).map(({ id }) => ({ kind: 'age-unknown', image: id }) as const),
  ];
}

/** How an image is another than would be baked now; none: it is not. */
function difference(image: PlanImage, made: Made): BakeReason[] {
  const { inputs } = made;
  const { id, digest, sourceAmi } = image;
  if (!isDigest(digest)) return [{ kind: 'no-digest', image: id }];
  // A bake may have taken another source image than the plan said, where its pack was made without the plan.
  const isOfSource = sourceAmi === undefined || sourceAmi === inputs.source;
  if (digest === digestOf(inputs) && isOfSource) return [];
  return [{ kind: 'differs', image: id, causes: causesOf(image, made), lines: [] }];
}

function causesOf({ inputs: tagText, sourceAmi }: PlanImage, { inputs, pack }: Made): Cause[] {
  const source = sourceAmi === undefined ? {} : { source: sourceAmi };
  const tagged = { ...readInputsTag(tagText), ...source };
  const hasTag = Object.keys(readInputsTag(tagText)).length > 0;
  return inputNames.flatMap((input): Cause[] => {
    const value = inputs[input];
    const is = value === undefined ? 'none' : shortOf(input, value);
    const was = tagged[input];
    // What a tag leaves out may differ, too; without a tag it would be anything.
    if (was === undefined) return hasTag && value !== undefined ? [{ input, is }] : [];
    const change = input === 'pack' ? changeSinceRecord(tagText ?? '', pack) : undefined;
    return was === is ? [] : [{ input, was, is, ...(change === undefined ? {} : { change }) }];
  });
}

/** As old as the one that EC2 made last. */
function ageReasons(newest: readonly PlanImage[], maxAgeMs: number | undefined, nowMs: number): BakeReason[] {
  const [last] = latest(newest, secondOf);
  if (maxAgeMs === undefined || last === undefined) return [];
  const ageMs = nowMs - (last.createdMs ?? Number.NaN);
  return ageMs <= maxAgeMs ? [] : [{ kind: 'too-old', image: last.id, ageMs, maxAgeMs }];
}
