import writeFileAtomic from 'write-file-atomic';
import { printable, printableMarkup } from '../lib/printable.ts';

/** `build.json`: what the Jenkinsfile is told, so that it has nothing to decide. */
export interface BuildFile {
  schema: 1;
  /** The build's name on Jenkins' pages, and the lines of its description there. */
  name: string;
  description: string[];
  /** The nodes to bake, a branch each. */
  bake: string[];
  /** The nodes that no other build may bake or clean up meanwhile. */
  lock: string[];
  /** How many branches run at the same time. */
  parallel: number;
}

/** A build.json that cannot be written, in a sentence for a person. */
class BuildFileError extends Error {
  readonly exitCode = 2;
}

/**
 * Writes `build.json` into the workspace, whole or not at all.
 * @throws BuildFileError when the folder does not take it.
 */
export async function writeBuildFile(build: BuildFile): Promise<void> {
  try {
    await writeFileAtomic('build.json', `${JSON.stringify(shown(build), null, 2)}\n`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new BuildFileError(`build.json cannot be written (${code}): the workspace must be this user's`, {
      cause: error,
    });
  }
}

/** Jenkins shows name and description as they are: reasons of EC2 and Puppet, and what a person wrote as REASON. */
function shown({ name, description, ...rest }: BuildFile) {
  return { ...rest, name: printable(name), description: description.map(printableMarkup).join('\n') };
}
