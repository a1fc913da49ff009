import type { FailureReason } from '../puppet/report/run-failure.ts';

/** Why a run of Puppet does not prove an image. */
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

/** What became of one resource. */
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

/** What servers of the image show of it: a property, and all that speaks against it. */
export interface ImageCase {
  name: string;
  /** What it is a case of; absent: of the image itself. */
  group?: string;
  /** Of a resource: what contains it, from the stage down, without itself. */
  containedIn?: string[];
  problems: string[];
  file?: string;
  line?: number;
}

/** What a run of Puppet, and servers of the image, prove of a node's image. */
export interface RunVerdict {
  node: string;
  /** The image that the bake made; absent when it made none. */
  imageId?: string;
  /** The pipeline run of the bake. */
  run?: string;
  /** No problem and no failed resource: the image may be tagged as verified. */
  proved: boolean;
  /** Start of Puppet's run, milliseconds since the epoch; absent without a report. */
  startedMs?: number;
  problems: Problem[];
  resources: ResourceOutcome[];
  counts: Record<ResourceResult, number>;
  /** Only where the image was booted. */
  imageCases?: ImageCase[];
  /** Why servers of the image have shown nothing, for a reason that is not the image's. */
  setAside?: string;
}
