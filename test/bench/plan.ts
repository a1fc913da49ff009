import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { ensureOsPackages } from '../../src/local-cloud/os-packages.ts';
import { root, temporaryFolder } from '../cli/stage-process.ts';
import { figures, median, timed } from './figures.ts';
import { writeLargeEnvironment } from './large-environment.ts';
import { measureStage, row } from './measure-stage.ts';

/**
 * plan over 100 nodes of some 200 resources each, against octocatalog-diff (which compiles two sides of a node) and a bare
 * Ruby loop that only compiles, on the same environment; and over 1,000 nodes. Goals: at least 50 times octocatalog-diff
 * per node, at most 1.3 times the bare loop, 2 s for 1,000 nodes of which nothing changed.
 */
export async function benchPlan(): Promise<string[]> {
  await ensureOsPackages({
    packages: ['puppet-agent', 'octocatalog-diff', 'git'],
    say: (line) => void process.stderr.write(`${line}\n`),
  });
  const folder = temporaryFolder();
  const names = writeLargeEnvironment(folder.path, 100);
  const environment = join(folder.path, 'environment');
  const before = join(folder.path, 'before');
  await commitTwice(folder.path, environment, before);

  const octo: number[] = [];
  for (const name of names.slice(0, 8))
    octo.push(await timed(() => octocatalogDiff(folder.path, before, environment, name)));
  const bare: number[] = [];
  for (let run = 0; run < 3; run += 1) bare.push(await timed(() => bareLoop(environment, names)));
  const cache = join(folder.path, 'cache');
  const args = planArgs(folder.path, cache);
  const cold = (...more: string[]) => ({ args: [...args, ...more], fresh: cache });
  const workers = watchWorkers();
  const one = await runs(3, cold('--parallel', '1'));
  const all = await runs(3, cold());
  const since = await runs(3, cold('--since', 'HEAD~1', '--reports', join(folder.path, 'reports')));
  const peak = workers.peak();
  const unchanged = await measureStage('plan', args, {});

  rmSync(environment, { recursive: true });
  writeLargeEnvironment(folder.path, 1000);
  const thousand = await runs(1, cold());
  const again = await measureStage('plan', args, {});
  folder.remove();
  const perNode = { octo: median(octo), since: median(since) / names.length };
  return [
    `octocatalog-diff, a node, two sides:        ${figures(octo)}`,
    `bare loop, 100 catalogs, whole process:     ${figures(bare)}`,
    `plan --offline, 100 nodes, 1 compiler:      ${figures(one)}, ${ratio(median(one), median(bare))} times the bare loop (goal 1.3)`,
    `plan --offline, 100 nodes, all cores:       ${figures(all)}, ${ratio(median(all), median(bare))} times`,
    `plan --since, 100 nodes, two sides:         ${figures(since)}, octocatalog-diff takes ${ratio(perNode.octo, perNode.since)} times as long for a node (goal 50)`,
    `the largest compiler:                       ${peak} MB`,
    row('plan --offline, 100 nodes, nothing changed', unchanged),
    `plan --offline, 1,000 nodes, all new:       ${figures(thousand)}`,
    row('plan --offline, 1,000 nodes, unchanged', again) + ' (goal 2 s)',
  ];
}

const ratio = (a: number, b: number) => (a / b).toFixed(2);

function planArgs(folder: string, cache: string): string[] {
  const places = ['--nodes', join(folder, 'nodes.yaml'), '--manifests', join(folder, 'environment')];
  return [...places, '--facts', join(folder, 'facts'), '--cache', cache, '--offline', '--json'];
}

/** The environment in git, with another size for one node in its second commit; the first one as a folder, too. */
async function commitTwice(folder: string, environment: string, before: string): Promise<void> {
  await execa('cp', ['-r', environment, before]);
  const git = (...args: string[]) =>
    execa('git', ['-C', folder, '-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...args]);
  await git('init', '--quiet');
  await git('add', 'environment', 'nodes.yaml');
  await git('commit', '--quiet', '--message', 'before');
  const file = join(environment, 'data/nodes/node-1.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('part0::size: 2', 'part0::size: 999'));
  await git('commit', '--quiet', '--all', '--message', 'after');
}

async function octocatalogDiff(folder: string, before: string, after: string, name: string): Promise<void> {
  const facts = join(folder, 'octo-facts.yaml');
  writeFileSync(
    facts,
    `--- !ruby/object:Puppet::Node::Facts\nname: ${name}\nvalues: {bakehouse_node: ${name}}\n`,
  );
  const sides = ['--bootstrapped-from-dir', before, '--bootstrapped-to-dir', after];
  const hiera = ['--hiera-config', 'hiera.yaml', '--hiera-path', 'data'];
  const args = [
    '-n',
    name,
    ...sides,
    ...hiera,
    '--fact-file',
    facts,
    '--no-storeconfigs',
    '--puppet-binary',
    '/usr/bin/puppet',
  ];
  const end = await execa('octocatalog-diff', args, { reject: false, stdin: 'ignore' });
  // 2: there are differences.
  if (end.exitCode !== (name === 'node-1' ? 2 : 0)) throw new Error(end.stdout + end.stderr);
}

async function bareLoop(environment: string, names: string[]): Promise<void> {
  await execa('ruby', [join(root, 'test/bench/bare-loop.rb'), environment, ...names], { stdin: 'ignore' });
}

/** Wall times of plan with an empty cache, ms. */
async function runs(count: number, { args, fresh }: { args: string[]; fresh: string }): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < count; run += 1) {
    rmSync(fresh, { recursive: true, force: true });
    times.push(...(await measureStage('plan', args, {}, 1)).times);
  }
  return times;
}

/** Looks ten times a second for the largest peak that a compiler of ours has had, MB. */
function watchWorkers() {
  let most = 0;
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const read = (name: string) => {
        try {
          return readFileSync(`/proc/${pid}/${name}`, 'utf8');
        } catch {
          return '';
        }
      };
      if (!read('cmdline').includes('src/puppet/catalogs/')) continue;
      const [, peak] = /VmHWM:\s+(\d+)/.exec(read('status')) ?? [];
      most = Math.max(most, Math.round(Number(peak ?? 0) / 1024));
    }
  }, 100);
  return {
    peak: () => {
      clearInterval(timer);
      return most;
    },
  };
}
