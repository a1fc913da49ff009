import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DescribeImagesCommand, type Image } from '@aws-sdk/client-ec2';
import { execa } from 'execa';
import type { PlanFile } from '../../src/plan/plan-file.ts';
import { root, stage, temporaryFolder } from '../cli/stage-process.ts';
import { type Cloud, startCloudWithPuppet } from './local-cloud.ts';
import { type ServiceRegion, serviceRegion } from './in-service.ts';
import { withPuppet } from './puppet-image.ts';

/**
 * What plan decides from bake to bake, over real images, with the sample environment at a git repository's root; and that each
 * deploy gives an image. The tests build on each other, in their order.
 */

const minutes = 60_000;
const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
// The layout of most control repositories: the environment is the repository's root, and the stages write there, too.
const manifests = folder.path;
const file = at('plan.json');
const redis = `group: redis, facts_from: deploys/redis.yaml, ${withPuppet}`;
let cloud: Cloud;

beforeAll(async () => {
  cpSync(join(root, 'templates/environment'), manifests, { recursive: true });
  writeFileSync(at('nodes.yaml'), `redis: {${redis}}\n`);
  appendFileSync(at('data/nodes/redis.yaml'), 'base::contact: the team of %{facts.version}\n');
  await deploy('1.4.1');
  writeFileSync(at('package.json'), '{}\n');
  mkdirSync(at('node_modules/large'), { recursive: true });
  writeFileSync(at('node_modules/large/file'), 'x'.repeat(1 << 20));
  await git('init', '--quiet');
  await commit();
  cloud = await startCloudWithPuppet();
}, 5 * minutes);
afterAll(async () => {
  await cloud.stop();
  folder.remove();
}, 2 * minutes);

const git = (...args: string[]) =>
  execa('git', ['-C', folder.path, '-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args]);
const commit = async () => {
  await git('add', 'environment.conf', 'hiera.yaml', 'manifests', 'modules', 'data', 'nodes.yaml', 'deploys');
  await git('commit', '--quiet', '--allow-empty', '--message', 'a change');
};
/** Writes a fact as a deploy job does. */
const deploy = async (version: string) => {
  const flags = ['--nodes', at('nodes.yaml'), '--node', 'redis', '--fact', `version=${version}`];
  expect(await stage('deploy', flags)).toMatchObject({ exitCode: 0 });
};
const edit = (name: string, from: string, to: string) => {
  const text = readFileSync(join(manifests, name), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(manifests, name), text.replace(from, to));
};

const places = () => ['--nodes', at('nodes.yaml'), '--reports', at('reports')];
const run = (name: string, args: string[], env: Record<string, string> = {}) =>
  stage(name, args, { env: { ...cloud.env, ...env } });
const plan = (args: string[] = [], env: Record<string, string> = {}) =>
  run('plan', [...places(), '--manifests', manifests, '--cache', at('cache'), '--out', file, ...args], env);
const planned = () => JSON.parse(readFileSync(file, 'utf8')) as PlanFile;
const reasons = (node = 'redis') => planned().nodes.find((one) => one.node === node)?.reasons ?? [];
const images = async () =>
  (await cloud.ec2.send(new DescribeImagesCommand({ Owners: ['self'] }))).Images ?? [];
const tagsOf = (image: Image | undefined) =>
  Object.fromEntries((image?.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));

/** generate, build and verify by the plan; answers the image. */
async function bake(): Promise<Image | undefined> {
  const withPlan = [...places(), '--plan', file];
  const packs = at('packs');
  expect(await run('generate', ['--nodes', at('nodes.yaml'), '--plan', file, '--out', packs])).toMatchObject({
    exitCode: 0,
  });
  expect(await run('build', [...withPlan, '--packs', packs, '--manifests', manifests])).toMatchObject({
    exitCode: 0,
  });
  expect(await run('verify', withPlan)).toMatchObject({ exitCode: 0 });
  const { imageId } = JSON.parse(readFileSync(at('reports/redis/bake.json'), 'utf8')) as { imageId: string };
  return (await images()).find(({ ImageId }) => ImageId === imageId);
}

let first: Image | undefined;
let second: Image | undefined;

test(
  'a node without an image is baked, and the image bears what was planned',
  async () => {
    const end = await plan();
    expect(end).toMatchObject({ exitCode: 0 });
    expect(end.stdout).toMatch(/^bake +redis +no verified image$/m);
    const [node] = planned().nodes;
    expect(planned()).toMatchObject({ bake: ['redis'], manifests: { dirty: false } });
    first = await bake();
    expect(tagsOf(first)).toMatchObject({
      'bakehouse:digest': node?.digest,
      'bakehouse:source-ami': node?.sourceAmi,
      'bakehouse:commit': planned().manifests.commit,
      'bakehouse:inputs': expect.stringContaining(`source=${node?.sourceAmi ?? '?'}`),
      'bakehouse:verified': 'true',
    });
  },
  5 * minutes,
);

test(
  'then there is nothing to do, also after changes that do not matter',
  async () => {
    const end = await plan();
    expect(end.stdout).toMatch(
      new RegExp(`^skip +redis +nothing changed since image ${first?.ImageId ?? '?'}$`, 'm'),
    );
    expect(planned().bake).toEqual([]);
    // Nothing was compiled: the files are those of before.
    expect(end.stderr).not.toContain('compiling');

    edit('modules/redis/manifests/init.pp', '# @param port TCP port', '# @param port the TCP port\n#');
    writeFileSync(join(manifests, 'data/nodes/web.yaml'), 'base::contact: somebody else\n');
    expect((await plan()).stdout).toContain('the manifests differ from commit');
    expect(planned()).toMatchObject({ bake: [], manifests: { dirty: true } });
    await commit();

    for (const name of ['build', 'verify'])
      expect(await run(name, [...places(), '--plan', file])).toMatchObject({ exitCode: 0 });
    expect(await images()).toHaveLength(1);
  },
  2 * minutes,
);

test(
  'a pull request sees the same without EC2',
  async () => {
    edit('data/nodes/redis.yaml', 'maxmemory_mb: 64', 'maxmemory_mb: 96');
    const args = [...places(), '--manifests', manifests, '--cache', at('cache'), '--since', 'HEAD'];
    const end = await stage('plan', args, { env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' } });
    expect(end).toMatchObject({ exitCode: 0 });
    expect(end.stdout).toMatch(/^changed +redis\s+catalog\n +Class\[Redis\] maxmemory_mb: 64 → 96$/m);
    const xml = readFileSync(at('reports/plan.junit.xml'), 'utf8');
    expect(xml).toContain('<testcase classname="plan" name="redis">');
    expect(xml).not.toContain('<failure');
  },
  2 * minutes,
);

test(
  'a change that matters is named, and baked',
  async () => {
    await commit();
    const end = await plan();
    expect(end.stdout).toMatch(
      new RegExp(`^bake +redis\\s+catalog changed since image ${first?.ImageId ?? '?'}$`, 'm'),
    );
    expect(end.stdout).toMatch(/^ +Class\[Redis\] maxmemory_mb: 64 → 96$/m);
    expect(reasons()).toMatchObject([{ kind: 'differs', causes: [{ input: 'catalog' }] }]);

    const diff = await plan(['--diff', 'redis']);
    expect(diff.stdout).toMatch(/-maxmemory 64mb\n.*\+maxmemory 96mb/);
    // It only shows: the plan is as it was.
    expect(planned().bake).toEqual(['redis']);

    await deploy('1.4.2');
    await commit();
    const reason = `fact version 1.4.1 → 1.4.2, catalog changed since image ${first?.ImageId ?? '?'}`;
    const { stdout } = await plan();
    expect(stdout).toMatch(new RegExp(`^bake +redis\\s+${reason}$`, 'm'));
    expect(stdout).toContain('Class[Base] contact: "the team of 1.4.1" → "the team of 1.4.2"');
    second = await bake();
    expect(second?.ImageId).not.toBe(first?.ImageId);
    expect(tagsOf(second)).toMatchObject({ 'bakehouse:inputs': expect.stringContaining(' +version=1.4.2') });
    expect((await plan()).stdout).toContain(`nothing changed since image ${second?.ImageId ?? '?'}`);
  },
  5 * minutes,
);

test(
  'an old image, and a forced node, are baked without a change',
  async () => {
    await plan(['--force']);
    expect(reasons()).toMatchObject([{ kind: 'forced' }]);
    writeFileSync(at('nodes.yaml'), `redis: {${redis}, max_age: 1s}\n`);
    await plan();
    expect(reasons()).toMatchObject([{ kind: 'too-old' }]);
  },
  2 * minutes,
);

test(
  'what is no longer what was planned is not baked',
  async () => {
    edit('modules/base/templates/motd.epp', 'Questions', 'All questions');
    const end = await run('build', [
      ...places(),
      '--plan',
      file,
      '--packs',
      at('packs'),
      '--manifests',
      manifests,
    ]);
    expect(end).toMatchObject({ exitCode: 2 });
    expect(end.stderr).toContain('are no longer what was planned: run plan again');
    expect(await images()).toHaveLength(2);
    await git('checkout', '--quiet', '.');
  },
  2 * minutes,
);

test(
  'a node that does not compile is named with its place, and the others are planned',
  async () => {
    writeFileSync(at('nodes.yaml'), `web: {group: web}\nredis: {${redis}}\nnobody: {group: web}\n`);
    edit('modules/web/manifests/init.pp', 'ensure => installed,', 'ensure => installed');
    edit('modules/web/manifests/init.pp', 'ensure    => running,', 'ensure    => $running,');
    edit('modules/web/manifests/init.pp', 'class web (', 'class web ((');
    const end = await plan();
    expect(end).toMatchObject({ exitCode: 3 });
    expect(end.stdout).toMatch(/^failed +web\s+modules\/web\/manifests\/init\.pp:4:\d+: /m);
    expect(end.stdout).toMatch(/^failed +nobody[^]*?site\.pp says nothing about nobody\.bake/m);
    expect(end.stdout).toMatch(/^skip +redis +nothing changed/m);
    expect(readFileSync(at('reports/plan.junit.xml'), 'utf8').match(/<failure/g)).toHaveLength(2);
    await git('checkout', '--quiet', '.');
  },
  2 * minutes,
);

test(
  'without EC2 there is no plan, not even an older one',
  async () => {
    expect(existsSync(file)).toBe(true);
    const end = await plan([], {
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_EC2: 'http://127.0.0.1:1',
    });
    expect(end).toMatchObject({ exitCode: 4, stdout: '' });
    expect(existsSync(file)).toBe(false);
  },
  2 * minutes,
);

test(
  'what was baked goes into service in three regions, comes back and is revoked; then plan bakes it again, and cleanup keeps what is in use',
  async () => {
    const regions = ['us-east-1', 'eu-west-1', 'us-west-2'].map((name) =>
      serviceRegion(cloud, name, '/images/redis', 'redis'),
    );
    const promotion =
      '{regions: {eu-west-1: {kms_key: alias/images}, us-west-2: {}}, accounts: [012345678901], parameter: /images/redis, launch_template: redis}';
    writeFileSync(at('nodes.yaml'), `redis: {${redis}, promote: ${promotion}}\n`);
    const [a = '', b = ''] = [first?.Name, second?.Name];
    await Promise.all(regions.map((each) => makeTemplateOf(each, a)));
    const promote = (...args: string[]) => run('promote', [...places(), ...args]);
    const inService = async () =>
      Promise.all(regions.map(async (each) => nameOf(each, await each.current())));

    expect(await promote('--image', first?.ImageId ?? '', '--apply')).toMatchObject({ exitCode: 0 });
    expect(await inService()).toEqual([a, a, a]);
    for (const each of regions) {
      const launched = await each.launch();
      expect(await Promise.all(launched.map((id) => nameOf(each, id)))).toEqual([a, a, a]);
      const copy = (await each.images()).find(({ name }) => name === a);
      expect(copy).toMatchObject({
        encrypted: each.region === 'eu-west-1',
        tags: { 'bakehouse:node': 'redis', 'bakehouse:verified': 'true' },
      });
    }
    expect(await promote('--node', 'redis', '--apply')).toMatchObject({ exitCode: 0 });
    expect(await inService()).toEqual([b, b, b]);
    expect(await promote('--node', 'redis', '--rollback', '--apply')).toMatchObject({ exitCode: 0 });
    expect(await inService()).toEqual([a, a, a]);
    expect(await promote('--node', 'redis', '--apply')).toMatchObject({ exitCode: 0 });
    const revoke = ['--revoke', second?.ImageId ?? '', '--reason', 'leaks its key', '--apply'];
    expect(await promote(...revoke)).toMatchObject({ exitCode: 0 });
    expect(await inService()).toEqual([a, a, a]);

    expect((await plan()).stdout).toMatch(/^bake +redis\s+.*revoked.*leaks its key/m);
    const cleanup = ['--keep', '1', '--min-age', '0s', '--no-fuse', '--apply'];
    expect(await run('cleanup', [...places(), ...cleanup])).toMatchObject({ exitCode: 0 });
    for (const each of regions) {
      expect((await each.images()).map(({ name }) => name)).toEqual([a]);
      await each.terminate();
    }
  },
  5 * minutes,
);

const nameOf = async (region: ServiceRegion, id: string) =>
  (await region.images()).find((image) => image.id === id)?.name;

/** The own region's names an image of the node; the others' name one that is gone, as before a first promotion. */
async function makeTemplateOf(region: ServiceRegion, name: string): Promise<void> {
  const own = (await region.images()).find((image) => image.name === name);
  await region.makeTemplate(own?.id ?? 'ami-0123456789abcdef0');
}
