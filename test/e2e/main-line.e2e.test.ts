import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { XMLParser } from 'fast-xml-parser';
import { pinnedFacts } from '../../src/puppet/facts/pinned-facts.ts';
import type { BakeRecord } from '../../src/build/bake-record.ts';
import { root, stage, stageArguments, temporaryFolder } from '../cli/stage-process.ts';
import { expectComparison, expectContents, expectPackages, listPackages } from './expected-contents.ts';
import { expectPages } from './expected-pages.ts';
import { ssh } from './foreign-ssh.ts';
import { makeTeamRepository, teamProgram } from './installed-package.ts';
import { type Cloud, nothing, startCloudWithPuppet, whatIsThere } from './local-cloud.ts';
import { debianVersion, plainDebian, withPuppet } from './puppet-image.ts';

/**
 * The stages of the package, as it is installed in a team's repository that has nothing else, on its local cloud: real
 * machines, Packer, Puppet, and Debian's awscli as a foreign client. The tests of this file build on each other, in their
 * order.
 */
const minutes = 60_000;
const folder = temporaryFolder();
const plain = join(folder.path, 'nodes.yaml');
const packs = join(folder.path, 'packs');
const reports = join(folder.path, 'reports');
const keepOne = ['--reports', reports, '--keep', '1', '--min-age', '0s'];
const team = join(folder.path, 'team');
let bakehouse: string;
let cloud: Cloud;

beforeAll(async () => {
  bakehouse = await makeTeamRepository(team);
  cloud = await startCloudWithPuppet(stageArguments('local-cloud', bakehouse));
}, 5 * minutes);
afterAll(async () => {
  await cloud.stop();
  folder.remove();
}, 2 * minutes);
const run = (name: string, ...args: string[]) => stage(name, args, { bakehouse, cwd: team, env: cloud.env });
// Debian's own, which knows neither AWS_ENDPOINT_URL nor anything of ours.
const aws = async (...args: string[]) => {
  const env = { PATH: process.env.PATH ?? '', HOME: '/proc/nobody', ...cloud.env };
  const { stdout } = await execa('/usr/bin/aws', [...args, '--output', 'json'], { env, extendEnv: false });
  return (stdout === '' ? {} : JSON.parse(stdout)) as Record<string, Record<string, unknown>[]>;
};
const ownImages = async () => {
  const { Images = [] } = await aws('ec2', 'describe-images', '--owners', 'self');
  return Images as unknown as Image[];
};
interface Image {
  ImageId: string;
  Name: string;
  Tags: { Key: string; Value: string }[];
  ImdsSupport?: string;
  BlockDeviceMappings: { Ebs?: { SnapshotId: string } }[];
}
const tagsOf = (image: Image | undefined) =>
  Object.fromEntries((image?.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
const bakeOf = (node: string) =>
  JSON.parse(readFileSync(join(reports, node, 'bake.json'), 'utf8')) as Record<string, unknown>;
/** The sample nodes; from an image that has Puppet where the first bakes have shown that it is installed. */
const nodesFrom = (source: string) =>
  readFileSync(join(root, 'nodes.yaml'), 'utf8').replace(/^ {2}group: .*$/gm, `$&\n  ${source}`);

test('the package has the compiled programs and each file that a team copies; no tests, no sources of stages', async () => {
  const inside = join(team, 'node_modules/bakehouse');
  expect(readdirSync(inside)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(test|src|node_modules)$/)]),
  );
  const { stdout } = await execa('git', ['ls-files', 'templates', 'jobs', 'vars', 'docs', 'Jenkinsfile'], {
    cwd: root,
  });
  const missing = stdout.split('\n').filter((file) => !existsSync(join(inside, file)));
  expect(missing).toEqual(['jobs/compile.mjs']);
});

test('what a team programs against has types without any other package, and works', async () => {
  writeFileSync(join(team, 'own.mts'), teamProgram);
  const settings = { strict: true, module: 'nodenext', target: 'es2023', types: [] };
  writeFileSync(
    join(team, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: settings, files: ['own.mts'] }),
  );
  const compiled = await execa(join(root, 'node_modules/.bin/tsc'), { cwd: team, reject: false });
  expect(compiled.stdout).toBe('');
  const print = `console.log((await import('./own.mjs')).xml)`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', print], { cwd: team });
  expect(stdout).toContain('<testcase classname="team" name="redis"/>');
});

test('generate writes a pack for each node, and every pack passes packer validate', async () => {
  writeFileSync(
    join(folder.path, 'flat.yaml'),
    'elasticsearch:\n  group: logging\nzookeeper:\n  group: zookeeper\nredis:\n  group: redis\n  size: m2.2xlarge\n',
  );
  const flat = join(folder.path, 'flat packs');
  expect(await run('generate', '--nodes', join(folder.path, 'flat.yaml'), '--out', flat)).toMatchObject({
    exitCode: 0,
  });
  for (const node of ['elasticsearch', 'zookeeper', 'redis']) {
    const pack = join(flat, `${node}.json`);
    const validated = await execa('packer', ['validate', pack], { cwd: team, env: cloud.env, reject: false });
    expect([validated.exitCode, validated.stdout]).toEqual([0, expect.anything()]);
  }
  writeFileSync(plain, nodesFrom(plainDebian));
  expect(await run('generate', '--nodes', plain, '--out', packs)).toMatchObject({ exitCode: 0 });
});

test(
  'build bakes both sample nodes at a time',
  async () => {
    const end = await run('build', '--nodes', plain, '--packs', packs, '--reports', reports);
    expect(end).toMatchObject({ exitCode: 0 });
    expect(end.stdout).toMatch(/^redis +baked +ami-[0-9a-f]+/m);
    expect(end.stdout).toMatch(/^web +baked +ami-[0-9a-f]+/m);
    for (const phase of ['machine booting', 'Puppet running', 'sealing', 'imaging']) {
      expect(end.stderr).toContain(`[redis]`);
      expect(end.stderr).toContain(phase);
    }
    const images = await ownImages();
    const redis = images.find(({ Name }) => Name.startsWith('redis-'));
    expect(redis?.Name).toMatch(/^redis-\d{10}$/);
    expect(tagsOf(redis)).toMatchObject({
      'bakehouse:node': 'redis',
      'bakehouse:run': bakeOf('redis').run,
      'bakehouse:commit': expect.stringMatching(/^[0-9a-f]{40}/),
      'bakehouse:source-ami': expect.stringMatching(/^ami-/),
    });
    expect(tagsOf(redis)).not.toHaveProperty('bakehouse:verified');
    expect(redis?.ImdsSupport).toBe('v2.0');
    expect(bakeOf('redis')).toMatchObject({
      status: 'baked',
      imageId: redis?.ImageId,
      puppetExitCode: 2,
      leftovers: [],
    });
    expect(await whatIsThere(cloud.ec2)).toMatchObject({ instances: [], volumes: [], keyPairs: [] });
  },
  5 * minutes,
);

test('the bake brings back what is in its image, and a tag says which file that is', async () => {
  const image = (await ownImages()).find(({ Name }) => Name.startsWith('redis-'));
  const digest = expectContents(join(reports, 'redis'), image?.ImageId ?? '');
  expect(tagsOf(image)['bakehouse:contents']).toBe(digest);
});

test('the facts that a bake brings back can be pinned as they are', async () => {
  const facts = join(folder.path, 'facts');
  mkdirSync(facts);
  for (const node of ['redis', 'web'])
    copyFileSync(join(reports, node, 'facts.yaml'), join(facts, `${node}.yaml`));
  const pinned = await pinnedFacts(facts, ['redis', 'web']);
  expect(pinned.get('redis')).toMatchObject({
    os: { name: 'Debian', release: { major: debianVersion } },
    clientcert: 'redis.bake',
    networking: { ip: expect.any(String) },
    ec2_metadata: { 'instance-id': expect.stringMatching(/^i-/), placement: { region: 'us-east-1' } },
    cloud: { provider: 'aws' },
  });
  for (const node of ['redis', 'web'])
    expect(Object.keys(pinned.get(node) ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^bakehouse_/)]),
    );
});

test(
  'verify proves both, with a test case for each resource',
  async () => {
    const end = await run('verify', '--reports', reports);
    expect(end).toMatchObject({ exitCode: 0 });
    for (const image of await ownImages()) expect(tagsOf(image)['bakehouse:verified']).toBe('true');
    const bake = JSON.parse(readFileSync(join(reports, 'redis/bake.json'), 'utf8')) as BakeRecord;
    expect(JSON.parse(readFileSync(join(reports, 'redis/verify.json'), 'utf8'))).toEqual({
      ...{ schema: 1, node: 'redis', run: bake.run, imageId: bake.imageId },
      ...{ verified: true, reasons: [], leftovers: [] },
      puppet: expect.objectContaining({ failed: 0, changed: expect.any(Number) }),
    });
    const xml = readFileSync(join(reports, 'redis/junit.xml'), 'utf8');
    const parsed = new XMLParser({ ignoreAttributes: false }).parse(xml) as {
      testsuites: { testsuite: { testcase: Record<string, string>[] } };
    };
    const names = parsed.testsuites.testsuite.testcase.map((one) => one['@_name']);
    expect(names[0]).toBe('puppet run');
    expect(names).toContain('Package[redis-server]');
    expect(names).toContain('Service[redis-server]');
    expect(xml).not.toContain('<failure');
  },
  2 * minutes,
);

test(
  'a second bake makes the first one old, and cleanup throws just that away, with its snapshot',
  async () => {
    const first = bakeOf('redis').imageId as string;
    const before = (await ownImages()).find(({ ImageId }) => ImageId === first);
    const snapshot = before?.BlockDeviceMappings[0]?.Ebs?.SnapshotId;
    const again = join(folder.path, 'again.yaml');
    writeFileSync(again, nodesFrom(withPuppet));
    expect(await run('generate', '--nodes', again, '--out', packs)).toMatchObject({ exitCode: 0 });
    const from = ['--nodes', again, '--packs', packs, '--reports', reports, '--node', 'redis'];
    expect(await run('build', ...from)).toMatchObject({ exitCode: 0 });
    expect(await run('verify', '--reports', reports, '--node', 'redis')).toMatchObject({ exitCode: 0 });
    const second = bakeOf('redis').imageId as string;
    await expectComparison(reports, first, second, run);
    await expectPages(folder.path, again, { node: 'redis', images: [second, first] }, run);

    expect(await run('cleanup', ...keepOne)).toMatchObject({ exitCode: 0 });
    expect((await ownImages()).length).toBe(3);
    expect(await run('cleanup', ...keepOne, '--apply')).toMatchObject({ exitCode: 0 });
    const left = await ownImages();
    expect(left.map(({ ImageId }) => ImageId)).not.toContain(first);
    expect(left.map(({ Name }) => Name.replace(/-\d+$/, '')).sort()).toEqual(['redis', 'web']);
    expect((await whatIsThere(cloud.ec2)).snapshots).not.toContain(snapshot);
    expect((await whatIsThere(cloud.ec2)).snapshots).toHaveLength(2);
  },
  5 * minutes,
);

describe('a foreign client', () => {
  const key = join(folder.path, 'key.pem');

  test(
    'launches the image, and the server in it runs and answers',
    async () => {
      const made = (await aws('ec2', 'create-key-pair', '--key-name', 'mine')) as unknown as {
        KeyMaterial: string;
      };
      writeFileSync(key, made.KeyMaterial, { mode: 0o600 });
      const image = (await ownImages()).find(({ Name }) => Name.startsWith('redis-'))?.ImageId ?? '';
      const launch = `run-instances --image-id ${image} --key-name mine --security-groups redis`;
      const { Instances = [] } = await aws('ec2', ...launch.split(' '));
      const id = Instances[0]?.InstanceId as string;
      await aws('ec2', 'wait', 'instance-running', '--instance-ids', id);
      const described = await aws('ec2', 'describe-instances', '--instance-ids', id);
      const [instance] = described.Reservations?.[0]?.Instances as { PublicIpAddress: string }[];
      const answer = await ssh(
        instance?.PublicIpAddress ?? '',
        key,
        'systemctl is-active redis-server; redis-cli ping',
      );
      expect(answer).toBe('active\nPONG');
      const installed = await ssh(instance?.PublicIpAddress ?? '', key, listPackages);
      expectPackages(readFileSync(join(reports, 'redis/sbom.cdx.json'), 'utf8'), installed);

      // In use, so cleanup leaves it alone even as the oldest of too many.
      const plan = await run('cleanup', ...keepOne, '--node', 'redis');
      expect(plan.stdout).toContain(id);
      await aws('ec2', 'terminate-instances', '--instance-ids', id);
      await aws('ec2', 'delete-key-pair', '--key-name', 'mine');
    },
    2 * minutes,
  );

  test(
    'bakes a pack by hand, from the project folder, with nothing but the exports',
    async () => {
      // What the two commands read of it: another file's stages may be writing to the checkout's own packs and reports.
      const project = join(folder.path, 'project');
      cpSync(join(root, 'templates'), join(project, 'templates'), { recursive: true });
      writeFileSync(join(project, 'nodes.yaml'), nodesFrom(withPuppet));
      const generated = await stage('generate', [], { bakehouse, cwd: project, env: cloud.env });
      expect(generated).toMatchObject({ exitCode: 0 });
      const env = {
        PATH: process.env.PATH ?? '',
        HOME: '/proc/nobody',
        CHECKPOINT_DISABLE: '1',
        ...cloud.env,
      };
      const options = { cwd: project, env, extendEnv: false, reject: false };
      const end = await execa('packer', ['build', 'packs/web.json'], options);
      expect([end.exitCode, end.stdout]).toEqual([0, expect.stringMatching(/us-east-1: ami-[0-9a-f]+/)]);
      const images = await ownImages();
      expect(images.filter((image) => tagsOf(image)['bakehouse:run'] === 'by-hand')).toHaveLength(1);
      expect(existsSync(join(project, 'reports/web/by-hand/puppet-report.yaml'))).toBe(true);
    },
    3 * minutes,
  );
});

test(
  'nothing is left when the images are gone',
  async () => {
    for (const { ImageId, BlockDeviceMappings } of await ownImages()) {
      await aws('ec2', 'deregister-image', '--image-id', ImageId);
      for (const { Ebs } of BlockDeviceMappings)
        await aws('ec2', 'delete-snapshot', '--snapshot-id', Ebs?.SnapshotId ?? '');
    }
    expect(await whatIsThere(cloud.ec2)).toEqual(nothing);
  },
  2 * minutes,
);
