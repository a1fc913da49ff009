import { failureOf, regionFailure } from '../aws/call-failure.ts';
import { CloudError } from '../aws/ec2-failure.ts';
import type { Image, Snapshot } from '../aws/images.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import type { References } from '../references/reference.ts';

/** What the overview asks of a region; each throws what AWS throws. */
export interface RegionCalls {
  /** All of the account. */
  images: () => Promise<Image[]>;
  /** Those with a node's tag. */
  snapshots: () => Promise<Snapshot[]>;
  /** What uses any image or snapshot of the region. */
  references: (images: readonly Image[]) => Promise<References>;
  /** The values of those parameters that exist, by their names. */
  parameters: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

/** What was read of a region. What is undefined is not known, and `problems` of the reading say why. */
export interface RegionFacts {
  region: string;
  images: readonly Image[] | undefined;
  snapshots: readonly Snapshot[] | undefined;
  references: References | undefined;
  parameters: ReadonlyMap<string, string> | undefined;
}

/** Something that could not be read of a region. */
export interface RegionProblem {
  /** As the rest of a sentence: `what uses images`. */
  what: string;
  region: string;
  why: string;
}

/** A region that is to be read. */
export interface RegionRequest {
  region: string;
  /** Without its images there is nothing to show. */
  isOwn: boolean;
  /** The parameters of the nodes that are promoted there. */
  parameters: readonly string[];
  /** @throws CloudError when the region cannot be reached */
  connect: () => Promise<RegionCalls>;
}

/**
 * Reads a region: its images first, so that a user that came in between is found, and then the rest at once.
 * @param note gets what could not be read
 * @throws StageError when the account's own region does not say which images there are
 */
export async function readFacts(
  { region, isOwn, parameters: names, connect }: RegionRequest,
  note: (problem: RegionProblem) => void,
): Promise<RegionFacts> {
  const why = (error: unknown) => whyNot(error, region, isOwn);
  const unlessFailing = <T>(what: string, answer: Promise<T>): Promise<T | undefined> =>
    answer.catch((error: unknown) => {
      note({ what, region, why: why(error) });
      return undefined;
    });
  const nothing = { region, images: undefined, snapshots: undefined, references: undefined };
  let calls: RegionCalls | undefined;
  try {
    calls = await connect();
    const images = await calls.images();
    const [snapshots, references, parameters] = await Promise.all([
      unlessFailing('the sizes of snapshots are', calls.snapshots()),
      unlessFailing('what uses images is', calls.references(images)),
      unlessFailing('the parameters of Systems Manager are', calls.parameters(names)),
    ]);
    return { region, images, snapshots, references, parameters };
  } catch (error) {
    if (isOwn) throw ownFailure(error);
    // One call that is denied says nothing of the others.
    const isDenied = error instanceof CloudError && error.problem === 'denied';
    const open = isDenied ? calls : undefined;
    const rest = open === undefined ? ', and the parameters of Systems Manager' : '';
    note({ what: `images, what uses them${rest} are`, region, why: why(error) });
    const parameters =
      open && (await unlessFailing('the parameters of Systems Manager are', open.parameters(names)));
    return { ...nothing, parameters };
  }
}

/** What could not be read, in a sentence. */
export function problemSentence({ what, region, why }: RegionProblem): string {
  return `${what} not known in ${region}: ${why}`;
}

/**
 * Why a region does not answer.
 * @throws the same value when it is a bug of ours
 */
export function whyNot(error: unknown, region: string, isOwn: boolean): string {
  if (isOwn) return failureOf(error).message;
  return regionFailure(error, region).message.slice(`${region}: `.length);
}

function ownFailure(error: unknown): unknown {
  if (error instanceof StageError) return error;
  return new StageError(failureOf(error).message, exitCode.unavailable, { cause: error });
}
