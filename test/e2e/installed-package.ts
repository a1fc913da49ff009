import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { root } from '../cli/stage-process.ts';

/**
 * Makes a team's repository: the sample's nodes and templates, and this project as its tarball, installed without
 * anything being fetched. Answers the package's program.
 */
export async function makeTeamRepository(folder: string): Promise<string> {
  mkdirSync(folder);
  for (const name of ['templates', 'nodes.yaml'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  writeFileSync(join(folder, '.gitignore'), 'node_modules\n');
  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder });
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'The sample');
  const npm = async (args: string[], cwd: string) =>
    (await execa('npm', [...args, '--no-audit', '--no-fund', '--loglevel', 'error'], { cwd })).stdout;
  const packed = await npm(['pack', '--pack-destination', folder], root);
  await npm(['init', '--yes'], folder);
  await npm(['install', '--offline', '--save-dev', `./${packed.trim().split('\n').at(-1) ?? ''}`], folder);
  return join(folder, 'node_modules/.bin/bakehouse');
}

/** What a team may write with the package's types. */
export const teamProgram = `
  import { junitXml, loadNodes, type Node, type PlanFile, readPlanFile, type Report } from 'bakehouse';
  const nodes: Node[] = await loadNodes('nodes.yaml', [], () => undefined);
  const cases = nodes.map(({ name }) => ({ className: 'team', name }));
  export const xml: string = junitXml({ name: 'nodes', seconds: 1 }, cases);
  export const reasonsOf = (plan: PlanFile) => plan.nodes.flatMap(({ reasons }) => reasons.map(({ text }) => text));
  export const failed = (report: Report) => report.resources.filter((one) => one.failed).length;
  export const plan = async () => (await readPlanFile('plan.json')).region.length;
`;
