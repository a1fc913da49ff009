import { chmodSync, cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { Result } from '../../src/cli/run-stage.ts';
import { initRepository } from '../../src/init/init.ts';
import { readTeamPackage, type TeamPackage } from '../../src/init/team-files.ts';
import { root } from '../cli/stage-process.ts';

/** Writes a file with its folders. */
export function writeFile(folder: string, path: string, text: string | Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Every file below a folder but git's: its mode and bytes. */
export function filesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => !/^\.git(\/|$)/.test(name)); // prettier-ignore
  const files = names.filter((name) => lstatSync(join(folder, name)).isFile()).sort();
  return Object.fromEntries(
    files.map((name) => {
      const mode = (lstatSync(join(folder, name)).mode & 0o777).toString(8);
      return [name, `${mode} ${readFileSync(join(folder, name), 'latin1')}`];
    }),
  );
}

/** A git command in a folder, apart from this person's own git. */
export async function gitIn(folder: string, ...args: string[]): Promise<void> {
  const person = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgSign=false'];
  const env = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  await execa('git', ['-C', folder, ...person, ...args], { env });
}

/** Runs init in a folder. @param flags as on the command line; without any it asks `answers` */
export async function initIn(
  folder: string,
  flags: Partial<Parameters<typeof initRepository>[0]> = { yes: true },
  options: { team?: TeamPackage; answers?: (string | undefined)[] } = {},
): Promise<Result & { said: string[]; decisions: Record<string, string> }> {
  const said: string[] = [];
  const { answers } = options;
  const ask = answers && ((question: string) => (said.push(question), Promise.resolve(answers.shift())));
  const none = { nodes: undefined, manifests: undefined, skip: [], yes: false, check: false };
  const result = await initRepository(
    { ...none, ...flags },
    {
      root: folder,
      team: options.team ?? (await readTeamPackage()),
      ask,
      say: (line) => void said.push(line),
      signal: new AbortController().signal,
    },
  );
  const { files } = result.json as { files: { file: string; decision: string }[] };
  return { ...result, said, decisions: Object.fromEntries(files.map((one) => [one.file, one.decision])) };
}

/**
 * A made-up package, of this one's files: version 0.3.0, in which some have changed since 0.1.0 and 0.2.0. In `folder`.
 * @param changes for each path the text of each version in which it changed, the last one the present
 */
export async function madeUpPackage(
  folder: string,
  changes: Record<string, Record<string, string>>,
): Promise<TeamPackage> {
  for (const path of ['Jenkinsfile', 'jobs', 'templates', 'nodes.yaml']) cpSync(join(root, path), join(folder, path), { recursive: true }); // prettier-ignore
  writeFile(folder, 'package.json', '{"version": "0.3.0"}');
  for (const [path, versions] of Object.entries(changes)) {
    for (const [version, text] of Object.entries(versions))
      writeFile(folder, version === '0.3.0' ? path : `templates/earlier/${version}/${path}`, text);
    if (versions['0.3.0'] !== undefined && path.endsWith('.sh')) chmodSync(join(folder, path), 0o755);
  }
  return readTeamPackage(folder);
}
