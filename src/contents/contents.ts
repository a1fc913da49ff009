import { readFile } from 'node:fs/promises';
import { showWork, watched } from '../cli/progress.ts';
import { type Result, type StageMain, untilAborted } from '../cli/run-stage.ts';
import { errnoOf, exitCode, StageError } from '../lib/errors.ts';
import { loadNodes } from '../nodes/load-nodes.ts';
import type { Archive } from './archive.ts';
import { compareContents, type Side } from './compare-contents.ts';
import { comparedImages } from './compared-images.ts';
import type { ContentsAccount } from './contents-account.ts';
import { comparisonResult, listResult } from './contents-result.ts';
import { contentsOf, type ImageContents, isUnknown, type NoContents } from './image-contents.ts';
import { keptContents } from './kept-contents.ts';
import { openArchive } from './open-archive.ts';

interface ContentsFlags {
  nodes: string;
  node: readonly string[];
  diff: [string, string] | undefined;
  image: string | undefined;
  reports: string;
  archive: string | undefined;
}

/** What the stage needs besides its flags. */
interface ContentsDeps {
  archive: Archive;
  /** Asked when it is first needed: two files are compared without an account. */
  account: () => Promise<ContentsAccount>;
}

/** The stage contents: compares what is in images, or lists it. */
export const contents: StageMain<ContentsFlags> = (flags, { say, signal }) =>
  untilAborted(signal, readContents(flags, say));

async function readContents(flags: ContentsFlags, say: (line: string) => void): Promise<Result> {
  const { diff, image, node } = flags;
  const modes = [diff && '--diff', image !== undefined && '--image', node.length > 0 && '--node'];
  const given = modes.filter((mode) => typeof mode === 'string');
  if (given.length > 1)
    throw new StageError(`${given.join(' and ')} exclude each other: give one of them`, exitCode.badInput);
  const archive = await openArchive(flags.archive, flags.reports);
  let account: Promise<ContentsAccount> | undefined;
  const deps: ContentsDeps = { archive, account: () => (account ??= connectAccount()) };
  if (image !== undefined) return listResult(image, await contentsNamed(image, deps));
  if (diff !== undefined) {
    const [from, to] = diff;
    // One after the other, so that of two wrong names the first is said.
    const sides = { from: await sideNamed(from, deps), to: await sideNamed(to, deps) };
    return comparisonResult([{ ...sides, ...compareContents(sides.from, sides.to) }], []);
  }
  return compareNodes(await loadNodes(flags.nodes, node, say), deps);
}

async function connectAccount(): Promise<ContentsAccount> {
  // Here, not above: the SDK takes 0.2 s to load, and --help and two files do not need it.
  const { contentsAccount } = await import('./contents-account.ts');
  return contentsAccount();
}

/** The newest image of each node against the one that was promoted last. */
async function compareNodes(nodes: readonly { name: string }[], { archive, account }: ContentsDeps) {
  const { images, region } = await account();
  const alone: string[] = [];
  const work = showWork('archive', watched());
  let done = 0;
  const compared = await Promise.all(
    nodes.map(async ({ name }) => {
      const found = comparedImages(name, images);
      if (found?.base === undefined) {
        const why = found === undefined ? 'no image' : `one image only, ${found.newest.id}`;
        alone.push(`${name}: ${why} in ${region}: nothing to compare`);
        return [];
      }
      const { newest, base } = found;
      const [from, to] = await Promise.all([
        keptContents(archive, base.image),
        keptContents(archive, newest),
      ]);
      done += 1;
      work.portion('reading contents of nodes', { done, of: nodes.length - alone.length });
      const sides = {
        from: { name: base.image.id, is: base.is, contents: from },
        to: { name: newest.id, is: found.inService ? 'newest, promoted last' : 'newest', contents: to },
      };
      return [{ node: name, ...sides, ...compareContents(sides.from, sides.to) }];
    }),
  ).finally(() => work.end());
  return comparisonResult(compared.flat(), alone);
}

async function sideNamed(name: string, deps: ContentsDeps): Promise<Side> {
  return { name, contents: await contentsNamed(name, deps) };
}

/** Of an image, or of a file. */
async function contentsNamed(name: string, deps: ContentsDeps): Promise<ImageContents | NoContents> {
  if (!/^ami-[0-9a-z]+$/.test(name)) return contentsOfFile(name);
  const { images, region } = await deps.account();
  const image = images.find(({ id }) => id === name);
  if (image === undefined)
    throw new StageError(
      `there is no image ${name} of this account in ${region}: give an image of that region, or the file with its contents, contents.json`,
      exitCode.badInput,
    );
  return keptContents(deps.archive, image);
}

async function contentsOfFile(file: string): Promise<ImageContents> {
  const json = await readFile(file, 'utf8').catch((error: unknown) => {
    const why = errnoOf(error) === 'ENOENT' ? 'does not exist' : `cannot be read (${errnoOf(error) ?? ''})`;
    throw new StageError(
      `${file} ${why}: give the id of an image, or a file contents.json`,
      exitCode.badInput,
    );
  });
  const found = contentsOf(json, file);
  if (!isUnknown(found)) return found;
  throw new StageError(`${found.unknown}: give a contents.json of build's`, exitCode.badInput);
}
