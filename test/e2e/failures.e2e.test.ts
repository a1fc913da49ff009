import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DeleteSecurityGroupCommand, DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { execa } from 'execa';
import { root, stage, type StageEnd, temporaryFolder } from '../cli/stage-process.ts';
import { type Cloud, nothing, startCloud, startCloudWithPuppet, whatIsThere } from './local-cloud.ts';
import { withPuppet } from './puppet-image.ts';

/** Bakes that must fail: what the person gets, and that nothing is left in EC2. */

const minutes = 60_000;
const folder = temporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloudWithPuppet();
}, 5 * minutes);
afterAll(async () => {
  await cloud.stop();
  folder.remove();
}, 2 * minutes);

const common = () => ['--nodes', at('nodes.yaml'), '--reports', at('reports')];
const environmentOf = (name: string) => at(`environment-${name}`);

/** Generates and builds with this nodes.yaml and a copy of the sample environment that `edit` changed. */
async function bake(
  nodes: string,
  name: string,
  edit: (environment: string) => void = () => undefined,
  env = cloud.env,
) {
  writeFileSync(at('nodes.yaml'), nodes);
  cpSync(join(root, 'templates/environment'), environmentOf(name), { recursive: true });
  edit(environmentOf(name));
  const generated = await stage('generate', ['--nodes', at('nodes.yaml'), '--out', at('packs')], { env });
  expect(generated).toMatchObject({ exitCode: 0 });
  const args = [...common(), '--packs', at('packs'), '--manifests', environmentOf(name), '--parallel', '3'];
  return stage('build', args, { env });
}

const report = (node: string, name: string) => readFileSync(at('reports', node, name), 'utf8');

describe('a failed bake', () => {
  const resource = 'modules/redis/manifests/init.pp';
  let built: StageEnd;
  let verified: StageEnd;
  const lineOf = (file: string, text: string) =>
    readFileSync(join(environmentOf('faults'), file), 'utf8')
      .split('\n')
      .findIndex((line) => line.includes(text)) + 1;

  beforeAll(async () => {
    const nodes = [
      `redis: {group: redis, ${withPuppet}}`,
      `web: {group: web, ${withPuppet}}`,
      `mail: {group: web, ${withPuppet}}`,
    ];
    built = await bake(`${nodes.join('\n')}\n`, 'faults', (environment) => {
      const file = join(environment, resource);
      const text = readFileSync(file, 'utf8').replace(/\n}\n$/, "\n\n  exec { '/bin/false': }\n}\n");
      writeFileSync(file, text);
      appendFileSync(join(environment, 'manifests/site.pp'), 'node /^mail[-.]/ {\n  include nowhere\n}\n');
    });
    verified = await stage('verify', common(), { env: cloud.env });
  }, 5 * minutes);

  test('gives exit code 3, also from verify, while the other node is baked', async () => {
    expect(built).toMatchObject({ exitCode: 3 });
    expect(built.stdout).toMatch(/^web +baked +ami-/m);
    expect(verified).toMatchObject({ exitCode: 3 });
    const there = await whatIsThere(cloud.ec2);
    expect(there).toMatchObject({ instances: [], volumes: [], keyPairs: [] });
    expect(there.images).toHaveLength(1);
    for (const node of ['redis', 'mail']) await expectNoTag(there.images[0], node);
  });

  test('of a failing resource gives no image, the report, and JUnit with file and line', () => {
    expect(built.stdout.replace(/\s+/g, ' ')).toMatch(
      /redis failed - .*Exec\[\/bin\/false\] failed: .*returned 1/,
    );
    expect(report('redis', 'puppet-report.yaml')).toContain('status: failed');
    expect(JSON.parse(report('redis', 'bake.json'))).toMatchObject({ status: 'failed', puppetExitCode: 6 });
    expect(report('redis', 'junit.xml')).toContain(`${resource}:${lineOf(resource, '/bin/false')}`);
    expect(report('redis', 'junit.xml')).toContain('Exec[/bin/false]');
  });

  test('of a manifest that does not compile names its file, line and column in JUnit', () => {
    const place = `manifests/site.pp:${lineOf('manifests/site.pp', 'include nowhere')}:3`;
    expect(built.stdout.replace(/\s+/g, ' ')).toMatch(
      new RegExp(`mail failed - .*the catalog did not compile: .*nowhere.*${place}`),
    );
    expect(existsSync(at('reports/mail/puppet-report.yaml'))).toBe(false);
    expect(report('mail', 'junit.xml')).toContain(place);
  });

  test(
    'for lack of the source image says so before a machine is launched',
    async () => {
      const built = await bake('redis: {group: redis, source_ami: ami-0123456789abcdef0}\n', 'source');
      expect(built).toMatchObject({ exitCode: 3 });
      expect(built.stdout).toContain('there is no source image ami-0123456789abcdef0 in this region');
      const byName = await bake('redis: {group: redis, source_ami: {name: "none-*", owner: self}}\n', 'name');
      expect(byName.stdout).toContain("there is no source image of owner self named 'none-*'");
    },
    2 * minutes,
  );

  test(
    'for lack of capacity in the cloud gives exit code 4, and one for a pack that Packer refuses names the wrong key',
    async () => {
      const error = { code: 'InsufficientInstanceCapacity', status: 400, message: 'no m9 in us-east-1a' };
      writeFileSync(join(cloud.state, 'faults.json'), JSON.stringify([{ action: 'RunInstances', error }]));
      const built = await bake('redis: {group: redis}\n', 'capacity');
      rmSync(join(cloud.state, 'faults.json'));
      expect(built).toMatchObject({ exitCode: 4 });
      expect(built.stdout.replace(/\s+/g, ' ')).toMatch(/InsufficientInstanceCapacity: no m9 in us-east-1a/);
      const refused = await bake('redis: {group: redis, packer: {nosuchkey: 1}}\n', 'key');
      expect(refused).toMatchObject({ exitCode: 3 });
      expect(refused.stdout.replace(/\s+/g, ' ')).toContain("unknown configuration key: 'nosuchkey'");
    },
    2 * minutes,
  );

  test(
    'for lack of the group packer says what to do',
    async () => {
      const filter = [{ Name: 'group-name', Values: ['packer'] }];
      const { SecurityGroups = [] } = await cloud.ec2.send(
        new DescribeSecurityGroupsCommand({ Filters: filter }),
      );
      const GroupId = SecurityGroups[0]?.GroupId;
      await cloud.ec2.send(new DeleteSecurityGroupCommand(GroupId === undefined ? {} : { GroupId }));
      const built = await bake('redis: {group: redis}\n', 'group');
      expect(built).toMatchObject({ exitCode: 4 });
      expect(built.stdout).toMatch(/there is no security group named 'packer' in vpc-\w+: create it/);
      expect(await whatIsThere(cloud.ec2)).toMatchObject({
        ...nothing,
        images: [expect.any(String)],
        snapshots: [expect.any(String)],
      });
    },
    2 * minutes,
  );
});

test(
  'a disk of the local cloud that is full is said, with its folder and what to do',
  async () => {
    const disk = at('small disk');
    mkdirSync(disk);
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk]);
    try {
      const full = await startCloud(join(disk, 'state'));
      const built = await bake('redis: {group: redis}\n', 'disk', undefined, full.env);
      expect(built).toMatchObject({ exitCode: 4 });
      expect(built.stdout).toMatch(/no room: \d+ MB are free in .*small disk.*Deregister images/);
      expect(await whatIsThere(full.ec2)).toEqual(nothing);
      await full.stop();
    } finally {
      await execa('umount', [disk]);
    }
  },
  2 * minutes,
);

async function expectNoTag(image: string | undefined, node: string): Promise<void> {
  const { DescribeImagesCommand } = await import('@aws-sdk/client-ec2');
  const { Images = [] } = await cloud.ec2.send(
    new DescribeImagesCommand({ ImageIds: image === undefined ? [] : [image] }),
  );
  expect(Images[0]?.Tags).not.toContainEqual({ Key: 'bakehouse:node', Value: node });
}
