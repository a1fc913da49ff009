import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exitCode, StageError } from '../lib/errors.ts';
import { runProgram } from '../lib/run-program.ts';
import { factsReader, missingAsEmpty } from '../nodes/facts-file.ts';
import { loadNodes } from '../nodes/load-nodes.ts';

/**
 * The branch that the job's checkout names, as a push names it: the git plugin also takes `refs/heads/main`, and a star for the remote.
 * @throws StageError (exit 2) where it is no branch
 */
export function pushedBranch(name: string): string {
  const branch = name.replace(/^(\*\/|refs\/heads\/|origin\/)/, '');
  if (/^[A-Za-z0-9][A-Za-z0-9._/+-]{0,200}$/.test(branch) && !/\.\.|\/\/|\.lock(\/|$)|[./]$|^[0-9a-f]{40}$/.test(branch))
    return branch;
  throw new StageError(`the job checks out ${JSON.stringify(name)}, which is not a branch: a deploy is pushed to one`, exitCode.badInput);
} // prettier-ignore

/** With the username and password of a credential, which are in the environment only. */
const credentialHelper =
  '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$DEPLOY_USER" "$DEPLOY_PASSWORD"; }; f';

/**
 * Commits the files of facts of the deployed node, and pushes the commit. The author is the agent's, if git knows one.
 * @returns what was done, in a sentence
 * @throws StageError: exit code 4 when it cannot be pushed, as when somebody else has pushed meanwhile
 */
export async function pushDeploy(
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<string> {
  const branch = pushedBranch(environment.DEPLOY_BRANCH ?? '');
  const name = environment.NODE?.trim() ?? '';
  const nodes = environment.BAKEHOUSE_NODES ?? 'nodes.yaml';
  const [node] = await loadNodes(nodes, [name], say, missingAsEmpty(factsReader(nodes)));
  const files = (node?.factsFrom ?? []).map((file) => join(dirname(nodes), file)).filter(existsSync);
  await git(environment, 'add', '--force', '--', ...files);
  const { stdout } = await git(environment, 'diff', '--cached', '--name-only');
  if (stdout.trim() === '') return 'nothing to push: the branch has these facts already';
  const message = [`${name}: ${environment.FACTS?.trim() ?? ''}`, `Deployed by ${environment.BUILD_TAG ?? 'hand'}.`];
  await git(environment, ...(await author(environment)), 'commit', '--quiet', ...message.flatMap((text) => ['-m', text]));
  const asUser = environment.DEPLOY_USER !== undefined ? ['-c', 'credential.helper=', '-c', `credential.helper=${credentialHelper}`] : [];
  await git(environment, ...asUser, 'push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
  return `pushed to ${branch}: ${message[0] ?? ''}`;
} // prettier-ignore

async function author(environment: NodeJS.ProcessEnv): Promise<string[]> {
  const known = await runProgram('git', ['var', 'GIT_COMMITTER_IDENT'], { env: environment });
  return known.exitCode === 0 ? [] : ['-c', 'user.name=Bakehouse', '-c', 'user.email=bakehouse@localhost'];
}

async function git(environment: NodeJS.ProcessEnv, ...args: string[]) {
  // Nobody is there to type a password.
  const env = { GIT_SSH_COMMAND: 'ssh -o BatchMode=yes', ...environment, GIT_TERMINAL_PROMPT: '0' };
  const end = await runProgram('git', args, { env });
  if (end.exitCode === 0) return end;
  const why = end.failure === 'missing' ? 'git is not installed' : end.stderr.trim();
  const rejected = /\[rejected\]|fetch first|non-fast-forward/.test(why)
    ? 'somebody else has pushed meanwhile: build again'
    : 'see what git says; PUSH_CREDENTIALS names a credential that may push';
  throw new StageError(`the deploy is not pushed: ${rejected}\n${why}`, exitCode.unavailable);
}
