import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A copy of the sample environment, which the demonstration may change. */
export interface SampleEnvironment {
  folder: string;
  /** Commits one more line of Hiera data for a node; answers the file, as seen from the folder, and the line. */
  change: (node: string) => { file: string; line: string };
  remove: () => void;
}

/**
 * Copies an environment into a new folder, and makes it a git repository of its own where there is git: plan then finds
 * the manifests of an older image.
 */
export function copyEnvironment(from: string, folder: string): SampleEnvironment {
  cpSync(from, folder, { recursive: true });
  git(folder, 'init', '--quiet');
  commit(folder, 'As it was');
  return {
    folder,
    change: (node) => {
      const file = `data/nodes/${node}.yaml`;
      const line = `base::contact: the people of ${node}`;
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      appendFileSync(join(folder, file), `${line}\n`);
      commit(folder, `Another contact for ${node}`);
      return { file, line };
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function commit(folder: string, message: string): void {
  const author = [
    '-c',
    'user.name=Bakehouse',
    '-c',
    'user.email=bakehouse@localhost',
    '-c',
    'commit.gpgSign=false',
  ];
  git(folder, 'add', '--all');
  git(folder, ...author, 'commit', '--quiet', '--no-verify', '--message', message);
}

/** Without git, the demonstration only shows less: why it ended does not matter. */
function git(folder: string, ...args: string[]): void {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  spawnSync('git', ['-C', folder, ...args], { stdio: 'ignore', env: Object.fromEntries(clean) });
}
