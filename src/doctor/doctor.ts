import type { StageMain } from '../cli/run-stage.ts';
import type { doctorCommand } from '../doctor.ts';
import { accountFindings } from './account-checks.ts';
import { doctorResult } from './doctor-result.ts';
import { type Finding, unknown, wrong } from './finding.ts';
import { cacheFindings, folderFindings } from './folder-checks.ts';
import { checkNodes } from './nodes-check.ts';
import {
  gitFinding,
  packerFindings,
  puppetFinding,
  type Run,
  setprivFinding,
  sshFinding,
} from './program-checks.ts';
import { nodeFinding, packagesFinding } from './project-checks.ts';
import { runProgram } from './run-program.ts';
import { untilAborted } from './until-aborted.ts';

/** With what the SDK tries again by itself. */
const accountLimitMs = 30_000;

/**
 * Checks this machine and, unless `offline`, the AWS account: all checks, whatever each of them finds.
 * @throws the signal's reason when it is aborted
 */
export const doctor: StageMain<typeof doctorCommand> = async ({ nodes, offline }, { signal }) => {
  const run: Run = (command, args, options) => runProgram(signal, command, args, options);
  const { env, platform } = process;
  const nodesAndAccount = async () => {
    const { loadNodes } = await import('../nodes/load-nodes.ts');
    const { finding, nodes: loaded } = await checkNodes(nodes, loadNodes);
    const account = async () => {
      const { bakeSites } = await import('./bake-sites.ts');
      const sites = await bakeSites(loaded).catch((error: unknown) => {
        if ((error as { exitCode?: unknown }).exitCode !== 2) throw error;
        return (error as Error).message;
      });
      if (typeof sites === 'string') return [wrong('template', sites, 'correct it')];
      return accountFindings(await import('./doctor-account.ts'), sites, env, accountLimitMs);
    };
    return [finding, ...(offline ? [] : await attempt('AWS', account))];
  };
  const checks = [
    nodeFinding(),
    packagesFinding(),
    packerFindings(run),
    puppetFinding(run),
    gitFinding(run),
    sshFinding(run),
    setprivFinding(run, platform),
    folderFindings(),
    attempt('cache folder', () => cacheFindings(env)),
    attempt('nodes', nodesAndAccount),
  ];
  const findings = (await untilAborted(signal, Promise.all(checks))).flat();
  return doctorResult(findings, offline ? ['AWS was not asked (--offline).'] : []);
};

/** A check whose own packages may be missing, which the check of the packages tells. */
async function attempt(check: string, find: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await find();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    // An import's own word for it, or that of what is required: the SDK.
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    return [unknown(check, `an npm package is missing: ${message.split('\n')[0] ?? ''}`, 'npm ci')];
  }
}
