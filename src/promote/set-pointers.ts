import { waitForAll } from '../aws/answers.ts';
import { tag } from '../aws/tags.ts';
import { exitCode, StageError } from '../lib/errors.ts';
import type { Node } from '../nodes/node.ts';
import { type Failure, failureOf } from '../aws/call-failure.ts';
import { changeUnderLock } from './last-look.ts';
import type { TemplateVersion } from './launch-template-calls.ts';
import { type LockDeps, type PointerLock, takeLock } from './pointer-lock.ts';
import type { RegionAccount } from './promote-account.ts';
import type { PointerRecord, PromoteRecord } from './promote-record.ts';
import { sameButImage } from './template-change.ts';

/** A node's image is to become current in a region. */
export interface RegionMove {
  account: RegionAccount;
  /** The image, in this region. */
  imageId: string;
  /** What the parameter held when this was decided; undefined: there was no such parameter. */
  current: string | undefined;
  /** The version in service when this was decided; absent: no launch template is to be moved. */
  template?: TemplateVersion | undefined;
}

/** A node's pointers are to be moved, in all its regions. */
export interface Move {
  node: Node;
  kind: PromoteRecord['kind'];
  /** The image in the own region. */
  image: string;
  /** The account in its own region, which has the lock. */
  own: RegionAccount;
  /** A revocation may leave regions out, also the own one. */
  regions: readonly RegionMove[];
}

/** What became of a region's pointers. */
export interface Moved {
  region: string;
  imageId: string;
  /** The image that was current until now; absent: none, or it was this one already. */
  previous?: string;
  parameter: PointerRecord;
  launchTemplate?: PointerRecord;
  /** Why one of them was not moved; the message does not name the region. */
  failure?: Failure;
}

/**
 * Makes an image current in all regions of a node: lock, last look, tags, parameters, launch templates, unlock. Serves
 * promote, rollback and revoke. Once the first parameter is being written, all regions are gone through, whatever the
 * signal says and whatever fails, so that they agree as far as AWS lets them.
 * @throws StageError before any pointer is moved: exit 4 when one has changed since the move was decided, exit 3 when the
 * image is not fit any more; the signal's reason
 */
export async function setPointers(move: Move, deps: LockDeps): Promise<Moved[]> {
  const { node, kind, image, own } = move;
  const lock = await takeLock(own, node.name, { kind, image }, deps);
  let hasBegun = false;
  try {
    const found = await lookAgain(move);
    deps.signal.throwIfAborted();
    lock.assertHeld();
    await tagImages(move, found, deps.now());
    deps.signal.throwIfAborted();
    lock.assertHeld();
    hasBegun = true;
    const moved = await movePointers(found, node, lock, deps);
    hasBegun = moved.some(({ failure }) => failure !== undefined);
    return moved;
  } finally {
    await (hasBegun ? lock.abandon() : lock.release());
  }
}

/** A region's pointers as they are under the lock. */
interface Found extends RegionMove {
  now: string | undefined;
  version: number | undefined;
  dataType: string;
}

async function lookAgain({ node, regions }: Move): Promise<Found[]> {
  const { parameter: name } = node.promote;
  const looked = await waitForAll(
    regions.map(async (move) => {
      const { account, imageId, template } = move;
      const [[target], parameters, version] = await Promise.all([
        account.imagesById([imageId]),
        account.parameters([name]),
        template && account.templateInService(template.name),
      ]);
      const parameter = parameters.get(name);
      const why = changeUnderLock(target, imageId, node.name, [
        { pointer: `parameter ${name}`, then: move.current, now: parameter?.value },
        ...(template === undefined
          ? []
          : [{ pointer: `launch template ${template.name}`, then: template.imageId, now: version?.imageId }]),
      ]);
      const found: Found = {
        ...move,
        now: parameter?.value,
        version: parameter?.version,
        dataType: parameter?.dataType ?? 'aws:ec2:image',
        ...(version === undefined ? {} : { template: version }),
      };
      return { found, why: why === undefined ? undefined : `${account.region}: ${why}` };
    }),
  );
  const problems = looked.flatMap(({ why }) => why ?? []);
  // Worth another try: the next run decides by what is there now.
  if (problems.length > 0) throw new StageError(problems.join('; '), exitCode.unavailable);
  return looked.map(({ found }) => found);
}

/** Before the pointers move, so that whoever finds an image current also finds what was current before it. */
async function tagImages({ kind }: Move, found: readonly Found[], now: Date): Promise<void> {
  await waitForAll(
    found
      .filter((one) => one.now !== one.imageId)
      .map(({ account, imageId, now: current }) => {
        // A rollback goes back in history: what was before the image stays what was before it.
        const previous = kind === 'promote' && current !== undefined ? { [tag.previous]: current } : {};
        const tagged = account.tag([imageId], { [tag.promoted]: now.toISOString(), ...previous });
        // A revoked image must not stay in service for want of a tag: the image before it has been in service, and has one.
        return kind === 'revoke' ? tagged.catch((error: unknown) => void failureOf(error)) : tagged;
      }),
  );
}

/** All parameters, then all launch templates; a region that fails keeps none of the others from being moved. */
async function movePointers(
  found: readonly Found[],
  { promote }: Node,
  lock: PointerLock,
  deps: LockDeps,
): Promise<Moved[]> {
  const moved = await Promise.all(
    found.map(async (one): Promise<Moved> => {
      const { account, imageId, now, version } = one;
      const name = promote.parameter;
      const same = { region: account.region, imageId };
      if (now === imageId)
        return { ...same, parameter: { name, ...(version !== undefined && { version }), changed: false } };
      const previous = now === undefined ? {} : { previous: now };
      try {
        const made = await setParameter(one, name, deps);
        return { ...same, ...previous, parameter: { name, version: made, changed: true } };
      } catch (error) {
        const parameter = { name, ...(version !== undefined && { version }), changed: false };
        return { ...same, ...previous, parameter, failure: failureOf(error) };
      }
    }),
  );
  return Promise.all(
    moved.map(async (one, index) => {
      const { account, imageId, template } = found[index] ?? {};
      if (account === undefined || imageId === undefined || template === undefined) return one;
      const { name } = template;
      if (template.imageId === imageId)
        return { ...one, launchTemplate: { name, version: template.number, changed: false } };
      const unmoved = { name, version: template.number, changed: false };
      // It must not be ahead of the parameter, which says what is current.
      if (one.failure !== undefined) return { ...one, launchTemplate: unmoved };
      try {
        lock.assertHeld();
        const version = await setTemplate(account, template, imageId);
        return { ...one, launchTemplate: { name, version, changed: true } };
      } catch (error) {
        return { ...one, launchTemplate: unmoved, failure: failureOf(error) };
      }
    }),
  );
}

/** How long Systems Manager may take to look for the image that it was given. */
const validationMs = 60_000;

/**
 * Writes the parameter and waits until it has the value: Systems Manager looks for the image of a parameter of data
 * type aws:ec2:image after it has answered, and forgets the new value when it finds none (PutParameter, `DataType`).
 */
async function setParameter(
  { account, imageId, dataType }: Found,
  name: string,
  deps: LockDeps,
): Promise<number> {
  const version = await account.putParameter({
    ...{ name, value: imageId, dataType, overwrite: true },
    description: 'image in service, by bakehouse promote',
  });
  if (dataType !== 'aws:ec2:image') return version;
  const started = deps.now().getTime();
  for (let pauseMs = 250; ; pauseMs = Math.min(2 * pauseMs, 4_000)) {
    const there = (await account.parameters([name])).get(name);
    if (there?.value === imageId) return there.version;
    if (deps.now().getTime() - started > validationMs)
      throw new StageError(
        `Systems Manager has not taken ${imageId} as the value of ${name}: ` +
          'these credentials need ec2:DescribeImages for it; run promote again',
        exitCode.unavailable,
      );
    await deps.pause(pauseMs);
  }
}

/**
 * Puts a version with the image into service that is otherwise like the one in service. It is always the latest one, too:
 * groups launch by $Latest as well as by $Default. The one that an earlier run made is taken.
 */
async function setTemplate(
  account: RegionAccount,
  template: TemplateVersion,
  imageId: string,
): Promise<number> {
  const latest = await account.latestVersion(template.id);
  const isMade = latest.imageId === imageId && sameButImage(latest, template);
  const number = isMade
    ? latest.number
    : await account.addVersion(template, imageId, `bakehouse promote: ${imageId}`);
  await account.setDefaultVersion(template.id, number);
  return number;
}
