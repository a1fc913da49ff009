import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { environmentFiles, type EnvironmentFiles } from './environment-files.ts';
import { bytesOf } from './tree.ts';
import { type Found, readFiles, type ReadTree, treeId } from './read-tree.ts';

/** A Puppet environment as it is now. */
export interface ReadEnvironment extends ReadTree {
  /** What a bake uploads, in the form of `tar --null --files-from`, as seen from the environment's folder. */
  upload: Buffer;
}

/** Where the stages write unless a flag says otherwise: a stage does not know the flags of the others. */
const usualOutputs = ['plan.json', 'packs', 'reports'];

/**
 * Reads what belongs to the Puppet environment in a folder; the folder may hold anything else.
 * @param outputs files and folders that this stage reads or writes by its flags: they never belong
 * @throws StageError that names what belongs and cannot be read
 */
export async function readEnvironment(folder: string, outputs: readonly string[]): Promise<ReadEnvironment> {
  const { read, found } = await readFiles(folder, await filesOf(folder, [...usualOutputs, ...outputs]));
  return { ...read, upload: uploadOf(found) };
}

async function filesOf(folder: string, outputs: readonly string[]): Promise<EnvironmentFiles> {
  const text = (name: string) => readFile(join(folder, name), 'utf8').catch(() => undefined);
  const [conf, hiera] = await Promise.all([text('environment.conf'), text('hiera.yaml')]);
  const inside = outputs.map((path) => relative(resolve(folder), resolve(path)));
  return environmentFiles(
    { conf, hiera },
    // One that is the folder itself would leave nothing.
    inside.filter((path) => path !== '' && path !== '..' && !path.startsWith('../')),
  );
}

/** Folders come first, so that they keep their modes; a link that leads nowhere can be neither read nor packed. */
function uploadOf({ folders, files, linked }: Found): Buffer {
  return Buffer.concat([...folders, ...files, ...linked].map((path) => bytesOf(`./${path}\0`)));
}

/** The commit as an image is tagged with it: `-dirty` behind it when files differ from it, `unknown` without one. */
export function commitText({ commit, dirty }: Pick<ReadTree, 'commit' | 'dirty'>): string {
  return commit === undefined ? 'unknown' : `${commit}${dirty ? '-dirty' : ''}`;
}

/** What build needs of an environment: its commit for the images' tags, the hash that a plan has, what goes up. */
export interface EnvironmentToBake {
  commit: string;
  tree: string;
  upload: Buffer;
}

/** @throws StageError */
export async function environmentToBake(flags: {
  manifests: string;
  packs: string;
  reports: string;
  plan: string | undefined;
}): Promise<EnvironmentToBake> {
  const { manifests, packs, reports, plan } = flags;
  // With a Puppet server the folder need not be there; what needs it says so.
  if (plan === undefined && !existsSync(manifests))
    return { commit: 'unknown', tree: '', upload: Buffer.alloc(0) };
  const outputs = [packs, reports, ...(plan === undefined ? [] : [plan])];
  const environment = await readEnvironment(manifests, outputs);
  return { commit: commitText(environment), tree: treeId(environment.tree), upload: environment.upload };
}
