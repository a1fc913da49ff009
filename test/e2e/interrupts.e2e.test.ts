import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { root, stage, temporaryFolder } from '../cli/stage-process.ts';
import { StageProcess } from './build-process.ts';
import { type Cloud, nothing, startCloud, whatIsThere } from './local-cloud.ts';
import { below, killHard, parentOf } from './process-tree.ts';

/** Bakes that are cut off in each of their phases: afterwards there is nothing left in EC2. */

const minutes = 60_000;
const folder = temporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud();
  // A manifest that takes its time, so that each phase can be met.
  mkdirSync(at('environment/manifests'), { recursive: true });
  writeFileSync(at('environment/manifests/site.pp'), "exec { '/bin/sleep 3': }\n");
  writeFileSync(at('nodes.yaml'), 'redis: {group: redis}\n');
  await stage('generate', ['--nodes', at('nodes.yaml'), '--out', at('packs')], { env: cloud.env });
}, 5 * minutes);
afterAll(async () => {
  await cloud.stop();
  folder.remove();
}, minutes);

/** The calls of phases that are over within a second or two, and after which a bake has almost ended. */
const calls: Record<string, string> = {
  imaging: 'CreateTags',
  'terminating the machine': 'TerminateInstances',
};
const faults = () => join(cloud.state, 'faults.json');
/** Makes such a phase last until this process, too, has got the time to see that it has begun. */
function hold(phase: string): void {
  const action = calls[phase];
  if (action !== undefined) writeFileSync(faults(), JSON.stringify([{ action, delayMs: 5_000 }]));
}
const release = () => {
  rmSync(faults(), { force: true });
};
afterEach(release);

const build = (...more: string[]) => {
  const args = ['--nodes', at('nodes.yaml'), '--packs', at('packs'), '--manifests', at('environment')];
  return new StageProcess('build', [...args, '--reports', at('reports'), ...more], cloud.env);
};
const record = () =>
  JSON.parse(readFileSync(at('reports/redis/bake.json'), 'utf8')) as Record<string, unknown>;

async function until(what: () => Promise<boolean>, limitMs: number): Promise<void> {
  const over = Date.now() + limitMs;
  while (!(await what()) && Date.now() < over) await new Promise((resolve) => setTimeout(resolve, 500));
}

describe('a signal', () => {
  test.each<[NodeJS.Signals, number, string]>([
    ['SIGTERM', 143, 'launching a machine'],
    ['SIGINT', 130, 'machine booting'],
    ['SIGTERM', 143, 'Puppet running'],
    ['SIGHUP', 129, 'imaging'],
  ])(
    '%s ends build with %d while the phase is "%s", after Packer has cleaned up',
    async (signal, code, phase) => {
      hold(phase);
      const stopped = build();
      await stopped.says(phase);
      stopped.child.kill(signal);
      expect(await stopped.ended).toEqual({ code, signal: null });
      expect(record()).toMatchObject({ status: 'interrupted', leftovers: [] });
      expect(stopped.stderr).toContain('interrupted: waiting up to 180 s for Packer');
      // Packer 1.6 does at "machine booting".
      const crashed = String(record().error).includes('Packer crashed');
      expect(existsSync(at('reports/redis/crash.log'))).toBe(crashed);
      expect(existsSync(join(root, 'crash.log'))).toBe(false);
      expect(await whatIsThere(cloud.ec2)).toEqual(nothing);
    },
    2 * minutes,
  );

  test(
    '--timeout is one, too',
    async () => {
      const late = build('--timeout', '2s');
      expect(await late.ended).toMatchObject({ code: 3 });
      expect(late.stdout).toMatch(/^redis +timed-out/m);
      expect(await whatIsThere(cloud.ec2)).toEqual(nothing);
    },
    2 * minutes,
  );
});

describe('kill -9', () => {
  /** Kills build alone; answers once the Packer that it ran has ended, too. */
  async function killBuild(phase: string): Promise<void> {
    hold(phase);
    const killed = build();
    await killed.says(phase);
    const children = below(killed.child.pid ?? 0);
    expect(children.length).toBeGreaterThan(0);
    killed.child.kill('SIGKILL');
    await killed.ended;
    await until(() => Promise.resolve(children.every((pid) => parentOf(pid) === 0)), minutes);
    release();
    expect(children.filter((pid) => parentOf(pid) !== 0)).toEqual([]);
  }

  test.each(['installing Puppet', 'Puppet running'])(
    'of build while the phase is "%s" makes Packer clean up by itself, but for the key pair, which is build\'s',
    async (phase) => {
      await killBuild(phase);
      const keyPairs = [`bakehouse-redis-${String(record().run)}`];
      expect(await whatIsThere(cloud.ec2)).toEqual({ ...nothing, keyPairs });
    },
    2 * minutes,
  );

  // In these two Packer 1.6 leaves something behind even when it is told to end.
  test.each(['launching a machine', 'imaging'])(
    'of build while the phase is "%s" leaves at most what the next build removes',
    async (phase) => {
      await killBuild(phase);
      await build('--timeout', '1s').ended;
      expect(await whatIsThere(cloud.ec2)).toEqual(nothing);
    },
    2 * minutes,
  );

  test.each(['waiting for ssh', 'Puppet running', 'imaging', 'terminating the machine'])(
    'of build and Packer while the phase is "%s" leaves what the next build removes',
    async (phase) => {
      hold(phase);
      const killed = build();
      await killed.says(phase);
      const pid = killed.child.pid ?? 0;
      // Deepest first, so that no Packer lives long enough to clean up.
      for (const victim of [...below(pid).reverse(), pid]) killHard(victim);
      await killed.ended;
      release();
      expect(record()).toMatchObject({ status: 'running' });
      expect(await whatIsThere(cloud.ec2)).not.toEqual(nothing);

      const next = build('--timeout', '1s');
      await next.ended;
      expect(next.stderr).toContain('removed what run');
      expect(await whatIsThere(cloud.ec2)).toEqual(nothing);
    },
    2 * minutes,
  );
});
