import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { installedPackerVersion } from '../../src/generate/installed-packer.ts';
import { startCloud } from '../e2e/local-cloud.ts';
import { debianVersion, plainDebian } from '../e2e/puppet-image.ts';
import { root, stage, temporaryFolder } from '../cli/stage-process.ts';
import { figures, median, timed } from './figures.ts';

/**
 * build, compiled as the package has it, over a bare `packer build` of the same pack, in turn, on one local cloud. Goal: at
 * most 1.03 times.
 */
export async function benchBuild(pairs = 5): Promise<string[]> {
  const folder = temporaryFolder();
  const stages = join(root, `dist.bench-${process.pid}`);
  await execa('node', ['jobs/compile.mjs', '', stages], { cwd: root });
  process.env.BAKEHOUSE_TEST_STAGES = stages;
  const cloud = await startCloud();
  const at = (name: string) => join(folder.path, name);
  mkdirSync(at('environment/manifests'), { recursive: true });
  writeFileSync(at('environment/manifests/site.pp'), "notify { 'measured': }\n");
  writeFileSync(at('nodes.yaml'), `redis: {group: redis, ${plainDebian}}\n`);
  const common = ['--nodes', at('nodes.yaml')];
  await stage('generate', [...common, '--out', at('packs')], { env: cloud.env });

  const ours = async () => {
    const args = [
      ...common,
      '--packs',
      at('packs'),
      '--manifests',
      at('environment'),
      '--reports',
      at('reports'),
    ];
    const end = await stage('build', args, { env: cloud.env });
    if (end.exitCode !== 0) throw new Error(end.stdout + end.stderr);
  };
  const bare = async () => {
    const variables = ['-var', `manifests=${at('environment')}`, '-var', `reports=${at('by-hand')}`];
    const env = { ...cloud.env, CHECKPOINT_DISABLE: '1' };
    await execa('packer', ['build', ...variables, at('packs/redis.json')], { env, stdin: 'ignore' });
  };
  // Not counted: they fill caches. Ours first, since a bare Packer does not wait until a base image is built.
  await ours();
  await bare();
  const times: { ours: number; bare: number }[] = [];
  for (let pair = 0; pair < pairs; pair += 1)
    times.push({ bare: await timed(bare), ours: await timed(ours) });
  await cloud.stop();
  folder.remove();
  delete process.env.BAKEHOUSE_TEST_STAGES;
  rmSync(stages, { recursive: true });
  const packer = await installedPackerVersion();
  const ratio = median(times.map((pair) => pair.ours / pair.bare));
  return [
    `packer build, bare:                   ${figures(times.map((pair) => pair.bare))}`,
    `build of the same pack:               ${figures(times.map((pair) => pair.ours))}`,
    `build over packer build:              ${ratio.toFixed(3)} (median of ${pairs} pairs with Packer ${packer} on Debian ${debianVersion}; goal 1.03)`,
  ];
}
