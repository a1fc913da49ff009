import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stage, temporaryFolder } from '../cli/stage-process.ts';
import { StageProcess, withoutPuppet } from './build-process.ts';
import { ofRun } from './bystanders.ts';
import { type Cloud, nothing, startCloudWithPuppet, whatIsThere } from './local-cloud.ts';
import { below, killHard, parentOf } from './process-tree.ts';
import { plainDebian, withPuppet } from './puppet-image.ts';

/**
 * Bakes that are cut off in each of their phases: afterwards there is nothing left in EC2. They run side by side, each
 * of a node of its own, since a build removes what others have left of its node.
 */

const minutes = 60_000;
const folder = temporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
let cloud: Cloud;

const signals: [NodeJS.Signals, number, string][] = [
  ['SIGTERM', 143, 'launching a machine'],
  ['SIGINT', 130, 'machine booting'],
  ['SIGTERM', 143, 'Puppet running'],
  ['SIGHUP', 129, 'imaging'],
];
const ofPuppet = ['installing Puppet', 'Puppet running'];
// In these two Packer 1.6 leaves something behind even when it is told to end.
const leaving = ['launching a machine', 'imaging'];
const withPacker = ['waiting for ssh', 'Puppet running', 'imaging', 'terminating the machine'];

const cases = [
  ...signals.map(([signal, , phase]) => [signal, phase] as const),
  ['timeout', ''] as const,
  ...[...ofPuppet, ...leaving].map((phase) => ['build', phase] as const),
  ...withPacker.map((phase) => ['both', phase] as const),
];
/** A node for each case. */
const nodeOf = (killed: string, phase: string) =>
  `node-${cases.findIndex((one) => one[0] === killed && one[1] === phase)}`;

beforeAll(async () => {
  cloud = await startCloudWithPuppet();
  // Phases that are over within a second or two, and after which a bake has almost ended, last until this process, too,
  // has got the time to see that they have begun: imaging, and terminating the machine.
  const slow = ['CreateTags', 'TerminateInstances'].map((action) => ({ action, delayMs: 3_000 }));
  writeFileSync(join(cloud.state, 'faults.json'), JSON.stringify(slow));
  // For the same reason a manifest that takes its time.
  mkdirSync(at('environment/manifests'), { recursive: true });
  writeFileSync(at('environment/manifests/site.pp'), "exec { '/bin/sleep 10': }\n");
  const nodes = cases.map(([killed, phase]) => {
    const source = phase === 'installing Puppet' ? plainDebian : withPuppet;
    return `${nodeOf(killed, phase)}: {group: redis, ${source}}\n`;
  });
  writeFileSync(at('nodes.yaml'), nodes.join(''));
  await stage('generate', ['--nodes', at('nodes.yaml'), '--out', at('packs')], { env: cloud.env });
  for (const [killed, phase] of cases)
    if (!ofPuppet.includes(phase)) withoutPuppet(at('packs', `${nodeOf(killed, phase)}.json`));
}, 5 * minutes);
afterAll(async () => {
  await cloud.stop();
  folder.remove();
}, 2 * minutes);

const build = (node: string, ...more: string[]) => {
  const args = ['--nodes', at('nodes.yaml'), '--node', node, '--packs', at('packs')];
  const folders = ['--manifests', at('environment'), '--reports', at('reports')];
  // A Packer that crashes leaves its log in the current folder.
  mkdirSync(at('in', node), { recursive: true });
  return new StageProcess('build', [...args, ...folders, ...more], cloud.env, at('in', node));
};
const record = (node: string) =>
  JSON.parse(readFileSync(at('reports', node, 'bake.json'), 'utf8')) as Record<string, unknown>;
const leftOf = (run: unknown) => ofRun(cloud.ec2, String(run));

async function until(what: () => boolean, limitMs: number): Promise<void> {
  const over = Date.now() + limitMs;
  while (!what() && Date.now() < over) await new Promise((resolve) => setTimeout(resolve, 500));
}

describe('a signal', () => {
  test.concurrent.each(signals)(
    '%s ends build with %d while the phase is "%s", after Packer has cleaned up',
    async (signal, code, phase) => {
      const node = nodeOf(signal, phase);
      const stopped = build(node);
      await stopped.says(phase);
      stopped.child.kill(signal);
      expect(await stopped.ended).toEqual({ code, signal: null });
      expect(record(node)).toMatchObject({ status: 'interrupted', leftovers: [] });
      expect(stopped.stderr).toContain('interrupted: waiting up to 180 s for Packer');
      // Packer 1.6 does at "machine booting".
      const crashed = String(record(node).error).includes('Packer crashed');
      expect(existsSync(at('reports', node, 'crash.log'))).toBe(crashed);
      expect(existsSync(at('in', node, 'crash.log'))).toBe(false);
      expect(await leftOf(record(node).run)).toEqual(nothing);
    },
    3 * minutes,
  );

  test.concurrent(
    '--timeout is one, too',
    async () => {
      const node = nodeOf('timeout', '');
      const late = build(node, '--timeout', '2s');
      expect(await late.ended).toMatchObject({ code: 3 });
      expect(late.stdout).toMatch(new RegExp(`^${node} +timed-out`, 'm'));
      expect(await leftOf(record(node).run)).toEqual(nothing);
    },
    3 * minutes,
  );
});

describe('kill -9', () => {
  /** Kills build alone; answers its run once the Packer that it ran has ended, too. */
  async function killBuild(node: string, phase: string): Promise<unknown> {
    const killed = build(node);
    await killed.says(phase);
    const children = below(killed.child.pid ?? 0);
    expect(children.length).toBeGreaterThan(0);
    killed.child.kill('SIGKILL');
    await killed.ended;
    await until(() => children.every((pid) => parentOf(pid) === 0), minutes);
    expect(children.filter((pid) => parentOf(pid) !== 0)).toEqual([]);
    return record(node).run;
  }

  test.concurrent.each(ofPuppet)(
    'of build while the phase is "%s" makes Packer clean up by itself, but for the key pair, which is build\'s',
    async (phase) => {
      const node = nodeOf('build', phase);
      const run = await killBuild(node, phase);
      expect(await leftOf(run)).toEqual({ ...nothing, keyPairs: [`bakehouse-${node}-${String(run)}`] });
    },
    3 * minutes,
  );

  test.concurrent.each(leaving)(
    'of build while the phase is "%s" leaves at most what the next build removes',
    async (phase) => {
      const node = nodeOf('build', phase);
      const run = await killBuild(node, phase);
      await build(node, '--timeout', '1s').ended;
      expect(await leftOf(run)).toEqual(nothing);
      expect(await leftOf(record(node).run)).toEqual(nothing);
    },
    3 * minutes,
  );

  test.concurrent.each(withPacker)(
    'of build and Packer while the phase is "%s" leaves what the next build removes',
    async (phase) => {
      const node = nodeOf('both', phase);
      const killed = build(node);
      await killed.says(phase);
      const pid = killed.child.pid ?? 0;
      // Deepest first, so that no Packer lives long enough to clean up.
      for (const victim of [...below(pid).reverse(), pid]) killHard(victim);
      await killed.ended;
      const { run, status } = record(node);
      expect(status).toBe('running');
      expect(await leftOf(run)).not.toEqual(nothing);

      const next = build(node, '--timeout', '1s');
      await next.ended;
      expect(next.stderr).toContain(`removed what run ${String(run)} left`);
      expect(await leftOf(run)).toEqual(nothing);
      expect(await leftOf(record(node).run)).toEqual(nothing);
    },
    3 * minutes,
  );
});

// Last: also what bears no tag.
test('but for the key pairs, nothing is there when all have ended', async () => {
  const there = await whatIsThere(cloud.ec2);
  expect(there.keyPairs).toHaveLength(ofPuppet.length);
  expect({ ...there, keyPairs: [] }).toEqual(nothing);
});
