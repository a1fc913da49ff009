import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { cloudNetwork, nameInCloud, startCloud } from '../e2e/local-cloud.ts';
import { startPuppetServer } from '../e2e/puppet-server.ts';
import { root, stage, temporaryFolder } from '../cli/stage-process.ts';
import { figures, median } from './figures.ts';

const secret = 'a-secret-of-the-bench-0123456789';

/**
 * The same manifests masterless and against a Puppet server, in turn, from an image that has Puppet but none of the
 * modules' plugins: what agent mode adds should be the first plugin sync. And how long seal.sh takes. Goals: 0; 2 s.
 */
export async function benchAgent(pairs = 3): Promise<string[]> {
  const folder = temporaryFolder();
  const at = (...names: string[]) => join(folder.path, ...names);
  const cloud = await startCloud();
  const address = `${cloudNetwork(cloud)}.1`;
  nameInCloud(cloud, address, 'puppet');
  cpSync(join(root, 'templates/environment'), at('environment'), { recursive: true });
  writePlugins(at('environment/modules/base/lib/puppet/functions/base'), 50);
  const server = await startPuppetServer(address, at('environment'));
  await server.setSecret(secret);
  const source = 'group: redis, source_ami: {name: "bare-*", owner: self}';
  const nodes = [
    'bare: {group: redis}',
    `redis-apply: {${source}}`,
    `redis-agent: {${source}, puppet_server: puppet}`,
  ];
  writeFileSync(at('nodes.yaml'), `${nodes.join('\n')}\n`);
  await stage('generate', ['--nodes', at('nodes.yaml'), '--out', at('packs')], { env: cloud.env });
  const env = { ...cloud.env, BAKEHOUSE_AUTOSIGN_SECRET: secret, CHECKPOINT_DISABLE: '1' };
  const bake = (node: string, environment = at('environment')) =>
    phases(
      ['-var', `manifests=${environment}`, '-var', `reports=${at(node)}`, at('packs', `${node}.json`)],
      env,
    );
  mkdirSync(at('empty/manifests'), { recursive: true });
  writeFileSync(at('empty/manifests/site.pp'), '');
  await bake('bare', at('empty'));
  await bake('redis-agent'); // not counted: the server's first compilation
  const runs: { apply: Phases; agent: Phases; syncMs: number }[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const [apply, agent] = [await bake('redis-apply'), await bake('redis-agent')];
    runs.push({ apply, agent, syncMs: syncOf(readFileSync(at('redis-agent/puppet-report.yaml'), 'utf8')) });
  }
  await server.stop();
  await cloud.stop();
  folder.remove();
  const more = median(runs.map(({ agent, apply, syncMs }) => agent.puppetMs - apply.puppetMs - syncMs));
  return [
    `puppet.sh, masterless:                ${figures(runs.map(({ apply }) => apply.puppetMs))}`,
    `the same against a Puppet server:     ${figures(runs.map(({ agent }) => agent.puppetMs))}`,
    `of that the first plugin sync:        ${figures(runs.map(({ syncMs }) => syncMs))}`,
    `agent mode adds besides:              ${(more / 1000).toFixed(2)} s (median of ${pairs} pairs; goal 0)`,
    `seal.sh, with its way over ssh:       ${figures(runs.flatMap(({ apply, agent }) => [apply.sealMs, agent.sealMs]))} (goal 2 s)`,
  ];
}

/** Something to sync, as a module of the Forge brings it. */
function writePlugins(folder: string, count: number): void {
  mkdirSync(folder, { recursive: true });
  for (let n = 0; n < count; n += 1) {
    const text = `Puppet::Functions.create_function(:'base::f${n}') do\n  def f${n}\n    ${n}\n  end\nend\n`;
    writeFileSync(join(folder, `f${n}.rb`), text);
  }
}

interface Phases {
  puppetMs: number;
  sealMs: number;
}

/** A bare `packer build`, and how long its two scripts took from the line that names them to the next step's. */
async function phases(args: readonly string[], env: Record<string, string>): Promise<Phases> {
  const packer = execa('packer', ['build', '-machine-readable', ...args], { env, stdin: 'ignore' });
  const steps: { text: string; atMs: number }[] = [];
  for await (const line of packer) {
    if (line.includes('ui,say,==>')) steps.push({ text: line, atMs: performance.now() });
  }
  await packer;
  const took = (script: string) => {
    const begin = steps.findIndex(({ text }) => text.includes(`/${script}`));
    return (steps[begin + 1]?.atMs ?? Number.NaN) - (steps[begin]?.atMs ?? Number.NaN);
  };
  return { puppetMs: took('puppet.sh'), sealMs: took('seal.sh') };
}

/** Puppet's own figure, from its report. */
function syncOf(report: string): number {
  return 1000 * Number(/- plugin_sync\n\s+- [^\n]*\n\s+- ([\d.]+)/.exec(report)?.[1] ?? Number.NaN);
}
