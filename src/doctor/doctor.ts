import { type StageMain, untilAborted } from '../cli/run-stage.ts';
import { exitCode, exitCodeOf } from '../lib/errors.ts';
import { runProgram } from '../lib/run-program.ts';
import { doctorResult, type Finding, unknown, wrong } from './findings.ts';
import { cacheFindings, folderFindings } from './folder-checks.ts';
import {
  gitFinding,
  packerFindings,
  type Programs,
  puppetFinding,
  setprivFinding,
  sshFinding,
} from './program-checks.ts';
import { checkNodes, nodeFinding, packagesFinding } from './project-checks.ts';

/** With what the SDK tries again by itself. */
const accountLimitMs = 30_000;
const programLimitMs = 10_000;

/**
 * Checks this machine and, unless `offline`, the AWS account: all checks, whatever each of them finds.
 * @throws the signal's reason when it is aborted
 */
export const doctor: StageMain<{ nodes: string; offline: boolean }> = async (
  { nodes, offline },
  { signal },
) => {
  const run: Programs = (name, args, options) =>
    runProgram(name, args, { timeoutMs: programLimitMs, ...options, signal });
  const { env, platform } = process;
  const checks = [
    attempt('Node', nodeFinding),
    attempt('npm packages', packagesFinding),
    attempt('Packer', () => packerFindings(run)),
    attempt('Puppet', () => puppetFinding(run)),
    attempt('git', () => gitFinding(run)),
    attempt('OpenSSH client', () => sshFinding(run)),
    attempt('setpriv', () => setprivFinding(run, platform)),
    attempt('workspace', folderFindings),
    attempt('cache folder', () => cacheFindings(env)),
    attempt('nodes', () => nodesFindings(nodes, offline)),
  ];
  const findings = (await untilAborted(signal, Promise.all(checks))).flat();
  return doctorResult(findings, offline ? ['AWS was not asked (--offline).'] : []);
};

/** The nodes file, and the account where its nodes are baked. */
async function nodesFindings(file: string, offline: boolean): Promise<Finding[]> {
  const { loadNodes } = await import('../nodes/load-nodes.ts');
  const { finding, nodes } = await checkNodes(file, loadNodes);
  if (offline) return [finding];
  const account = await attempt('AWS', async () => {
    const { bakeSites } = await import('./bake-sites.ts');
    const sites = await bakeSites(nodes).catch((error: unknown) => {
      if (exitCodeOf(error) !== exitCode.badInput) throw error;
      return (error as Error).message;
    });
    if (typeof sites === 'string') return [wrong('template', sites, 'correct it')];
    const { accountFindings } = await import('./account-checks.ts');
    return accountFindings(await import('./account-calls.ts'), sites, process.env, accountLimitMs);
  });
  return [finding, ...account];
}

/** Makes a check whose own npm packages may be missing; which these are, the check of the packages says. */
async function attempt(check: string, find: () => Promise<Finding | Finding[]>): Promise<Finding[]> {
  try {
    return [await find()].flat();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    // import's own code for it, or that of require, by which the SDK is loaded.
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    return [
      unknown(check, `an npm package is missing: ${message.split('\n')[0] ?? ''}`, 'npm ci --include=dev'),
    ];
  }
}
