import type { FailureReason } from '../puppet/report/run-failure.ts';
import { redactor } from '../puppet/report/secrets.ts';

/** Why an image is rejected. The words are part of JUnit files and of verify's JSON. */
export type ProblemReason =
  | FailureReason
  | 'bake-unknown'
  | 'bake-not-done'
  | 'no-image'
  | 'image-unproved'
  | 'no-exit-code'
  | 'exit-code'
  | 'no-report'
  | 'unreadable-report'
  | 'stale-report'
  | 'status-failed'
  | 'not-completed'
  | 'noop'
  | 'cached-catalog'
  | 'empty-catalog'
  | 'not-applied'
  | 'not-generated'
  | 'other-host'
  | 'other-transaction'
  | 'disagreement'
  | 'error-logged';

/** One reason, with the place in a manifest when Puppet named it. */
export interface Problem {
  reason: ProblemReason;
  message: string;
  file?: string;
  line?: number;
  column?: number;
}

export type ResourceResult = 'unchanged' | 'changed' | 'failed' | 'skipped';

/** How one resource ended. */
export interface ResourceOutcome {
  /** `File[/etc/redis.conf]` */
  resource: string;
  /** What contains it, from the stage down, without itself. */
  containedIn: string[];
  result: ResourceResult;
  seconds: number;
  file?: string;
  line?: number;
  /** Why it failed or was skipped: first what a person needs, then Puppet's words. */
  messages: string[];
  /** What Puppet logged about it, diffs as well: `notice: content changed …`. Absent when that is nothing. */
  log?: string[];
}

/** A property that servers of the image were examined for, with all that speaks against it. No problem: it holds. */
export interface ImageCase {
  /** The same for every run. */
  name: string;
  /** What it is a case of, such as `Check`; absent: of the image itself. */
  group?: string;
  /** Of a resource: what contains it, from the stage down, without itself. */
  containedIn?: string[];
  problems: string[];
  file?: string;
  line?: number;
}

/** What Puppet's run and the servers of a node's image say of the image. */
export interface RunVerdict {
  node: string;
  /** The image that the bake made; absent when it made none. */
  imageId?: string;
  /** The pipeline run of the bake. */
  run?: string;
  /** No problem and no failed resource: the image may be tagged as verified. Else it is rejected, unless `setAside`. */
  verified: boolean;
  /** Start of Puppet's run, milliseconds since the epoch; absent without a report. */
  startedMs?: number;
  problems: Problem[];
  resources: ResourceOutcome[];
  counts: Record<ResourceResult, number>;
  /** Only where servers of the image were examined. */
  imageCases?: ImageCase[];
  /** Why servers of the image showed nothing: a reason that is not the image's. Then it is neither verified nor rejected. */
  setAside?: string;
  /** What changed from the image before; absent where the bake listed no contents. */
  contents?: ContentsChange;
}

/** What is in the image, against another one of the node. */
export interface ContentsChange {
  /** The other image, and what it is: `ami-… (promoted last)`; absent: there is none. */
  against?: string;
  /** A line each; none: no difference is known. */
  lines: string[];
  /** The same in a few words; absent where they were not compared. */
  summary?: string;
  /** Why they could not be compared. */
  notCompared?: string;
}

/** The verdict with what servers of the image showed, without secrets. One problem rejects the image. */
export function withImageCases(
  verdict: RunVerdict,
  cases: readonly ImageCase[],
  secrets: readonly RegExp[] = [],
): RunVerdict {
  const redact = redactor(secrets);
  const imageCases = cases.map((one) => ({
    ...one,
    name: redact(one.name),
    ...(one.containedIn === undefined ? {} : { containedIn: one.containedIn.map(redact) }),
    problems: one.problems.map(redact),
  }));
  const isGood = imageCases.length > 0 && imageCases.every(({ problems }) => problems.length === 0);
  return { ...verdict, verified: verdict.verified && isGood, imageCases };
}

/** The verdict on an image that cannot be tagged as verified. */
export function reject(verdict: RunVerdict, why: string): RunVerdict {
  const problem: Problem = { reason: 'image-unproved', message: why };
  return { ...verdict, verified: false, problems: [...verdict.problems, problem] };
}

/** The verdict on an image whose servers could not be examined, or not yet. */
export function setAside(verdict: RunVerdict, why: string): RunVerdict {
  return { ...verdict, verified: false, setAside: why };
}
