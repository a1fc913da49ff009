import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DescribeImagesCommand } from '@aws-sdk/client-ec2';
import { XMLParser } from 'fast-xml-parser';
import { stage, temporaryFolder } from '../cli/stage-process.ts';
import { StageProcess } from './build-process.ts';
import { type Cloud, startCloudWithPuppet, whatIsThere } from './local-cloud.ts';
import { withPuppet } from './puppet-image.ts';

/** `verify --boot` over images of which one is good and the others are not: each fault shows where it belongs. */

const minutes = 60_000;
const folder = temporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
let cloud: Cloud;

const nodesYaml = `good:
  group: redis
  ${withPuppet}
  checks:
    - {port: 22}
    - {service: hello}
    - {command: 'printf "%s\\n" "\$(cat /run/hello)"; exit 3', exit: 3, output: '^hello$'}
faulty:
  group: redis
  ${withPuppet}
  checks:
    - {port: 22}
    - {port: 4, within: 1s}
    - {command: 'cat /etc/nowhere', within: 1s}
silent:
  group: redis
  ${withPuppet}
`;

const strangersKey = 'AAAAC3NzaC1lZDI1NTE5AAAAIJq6m1p9VhW1zYd8cT0h0Fz2f7Q4b0v3kXr5s8n1LwYp';

const sitePp = `define sleeper($enable, $needs = '/run') {
  file { "/etc/systemd/system/\${name}.service":
    content => "[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/bin/sh -c 'test -e \${needs} && echo hello >/run/\${name}'\\n[Install]\\nWantedBy=multi-user.target\\n",
  }
  -> service { $name: ensure => running, enable => $enable }
}
node /^good[-.]/ {
  sleeper { 'hello': enable => true }
  notify { 'a message is no change': }
}
class faults {
  sleeper { 'sleepy': enable => false }
  # What it needs is there in the bake only.
  sleeper { 'flaky': enable => true, needs => '/var/lib/bakehouse-bake' }
  file { '/etc/systemd/system/looping.service':
    content => "[Service]\\nExecStart=/bin/sleep 4\\nRestart=always\\n[Install]\\nWantedBy=multi-user.target\\n",
  }
  -> service { 'looping': ensure => running, enable => true }
  file { '/etc/ssh/sshd_config.d/ways-in.conf':
    content => "PasswordAuthentication yes\\nAuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys.d/%u\\n",
  }
  file { '/etc/ssh/keys.d': ensure => directory }
  file { '/etc/ssh/keys.d/admin': content => "ssh-ed25519 ${strangersKey} ann\\n" }
  exec { "/usr/sbin/usermod -p '\\$6\\$salt\\$hash' games":
    unless => '/bin/grep -q ^games:.6 /etc/shadow',
  }
  exec { 'again and again':
    command => '/bin/true',
  }
}
node /^faulty[-.]/ {
  include faults
}
node /^silent[-.]/ {
  exec { '/bin/systemctl disable ssh':
    onlyif => '/bin/systemctl is-enabled ssh',
  }
}
`;

interface Case {
  '@_classname': string;
  '@_name': string;
  failure?: { '@_message': string };
}

beforeAll(async () => {
  mkdirSync(at('environment/manifests'), { recursive: true });
  writeFileSync(at('environment/manifests/site.pp'), sitePp);
  writeFileSync(at('nodes.yaml'), nodesYaml);
  cloud = await startCloudWithPuppet();
  const args = ['--nodes', at('nodes.yaml')];
  await stage('generate', [...args, '--out', at('packs')]);
  const folders = ['--packs', at('packs'), '--manifests', at('environment'), '--reports', at('reports')];
  const built = await stage('build', [...args, ...folders, '--parallel', '3'], { env: cloud.env });
  expect([built.exitCode, built.stdout + built.stderr]).toEqual([0, expect.anything()]);
}, 6 * minutes);
afterAll(async () => {
  await cloud.stop();
  folder.remove();
}, 2 * minutes);

const args = (...nodes: string[]) => {
  const of = ['--nodes', at('nodes.yaml'), ...nodes.flatMap((node) => ['--node', node])];
  const boot = ['--boot', '--boot-timeout', '30s', '--manifests', at('environment')];
  return [...of, '--reports', at('reports'), ...boot];
};
const verify = (...nodes: string[]) => stage('verify', args(...nodes), { env: cloud.env });

/** All cases of the node's junit.xml, and the message of each that failed by class and name. */
function casesOf(node: string) {
  const parser = new XMLParser({ ignoreAttributes: false, isArray: (name) => name === 'testcase' });
  const xml = parser.parse(readFileSync(at('reports', node, 'junit.xml'), 'utf8')) as {
    testsuites: { testsuite: { testcase: Case[] } };
  };
  const cases = xml.testsuites.testsuite.testcase;
  const nameOf = (one: Case) => `${one['@_classname']} / ${one['@_name']}`;
  return {
    names: cases.map(nameOf),
    failed: Object.fromEntries(
      cases.flatMap((one) => (one.failure === undefined ? [] : [[nameOf(one), one.failure['@_message']]])),
    ),
  };
}

async function tagsOf(node: string): Promise<Record<string, string>> {
  const filter = [{ Name: 'tag:bakehouse:node', Values: [node] }];
  const { Images = [] } = await cloud.ec2.send(
    new DescribeImagesCommand({ Owners: ['self'], Filters: filter }),
  );
  expect(Images).toHaveLength(1);
  return Object.fromEntries((Images[0]?.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

const nothingRuns = { instances: [], volumes: [], keyPairs: [] };

describe('verify --boot', () => {
  test(
    'verifies a good image by its servers, only then tags it, and says which of them it may not terminate',
    async () => {
      expect(await tagsOf('good')).not.toHaveProperty('bakehouse:verified');
      const denied = { error: { code: 'UnauthorizedOperation', status: 403 } };
      const faults = join(cloud.state, 'faults.json');
      writeFileSync(faults, JSON.stringify([{ action: 'TerminateInstances', ...denied }]));
      const end = await verify('good');
      writeFileSync(faults, '[]');
      expect([end.exitCode, end.stdout]).toEqual([
        4,
        expect.stringMatching(/^good +verified +ami-.*left behind: /ms),
      ]);
      const { names, failed } = casesOf('good');
      expect(failed).toEqual({});
      expect(names).toEqual(
        expect.arrayContaining([
          'good.Image / boots',
          'good.Image / has a machine id of its own',
          'good.Image / has ssh host keys of its own',
          'good.Image / has a hostname of its own',
          'good.Image / has a credential secret of its own',
          'good.Image / lets only the launch key in',
          "good.Image / holds nothing of Puppet's run",
          'good.Image / holds nothing of the bake',
          'good.Image / holds no shell history',
          'good.Image / never runs the agent',
          'good.Image / runs Service[hello]',
          'good.Check / listens on 22/tcp',
          'good.Check / service hello is active',
          'good.Converge / puppet noop run',
        ]),
      );
      expect(await tagsOf('good')).toMatchObject({ 'bakehouse:verified': 'true' });
      const { instances } = await whatIsThere(cloud.ec2);
      expect(instances).toHaveLength(2);
      const record = readFileSync(at('reports/good/verify.json'), 'utf8');
      for (const id of instances) expect(record).toContain(id);
    },
    3 * minutes,
  );

  test(
    'terminates what it could not terminate before, and never judges an image by what the account lacks',
    async () => {
      const before = await tagsOf('good');
      const other = ['--nodes', at('other.yaml'), '--node', 'good', '--reports', at('reports'), '--boot'];
      writeFileSync(at('other.yaml'), nodesYaml.replace('group: redis', 'group: [redis, nobodys]'));
      const lacking = await stage('verify', [...other, '--manifests', at('environment')], { env: cloud.env });
      expect([lacking.exitCode, lacking.stdout]).toEqual([4, expect.stringContaining('nobodys')]);
      expect(casesOf('good').failed).toEqual({});
      expect(await tagsOf('good')).toEqual(before);
      expect(await whatIsThere(cloud.ec2)).toMatchObject(nothingRuns);
    },
    2 * minutes,
  );

  test(
    'fails exactly the cases whose faults an image has, with file and line, and tags it as rejected',
    async () => {
      // As if a verify that did not look had passed it.
      const blind = args('faulty').filter((word) => word !== '--boot');
      expect(await stage('verify', blind, { env: cloud.env })).toMatchObject({ exitCode: 0 });
      expect(await tagsOf('faulty')).toMatchObject({ 'bakehouse:verified': 'true' });

      // Both bad images at a time.
      const end = await verify('faulty', 'silent');
      expect([end.exitCode, end.stdout]).toEqual([3, expect.stringMatching(/^faulty +rejected +ami-/m)]);
      expect(end.stdout).toMatch(/^silent +rejected +ami-/m);
      const line = sitePp.split('\n').findIndex((text) => text.includes('again and again')) + 1;
      expect(casesOf('faulty').failed).toEqual({
        'faulty.Image / runs Service[sleepy]':
          'sleepy ran in the bake but is disabled: it would not start on a server',
        'faulty.Image / runs Service[flaky]': 'flaky failed to start',
        'faulty.Image / runs Service[looping]': expect.stringMatching(/^looping does not stay up: /),
        'faulty.Image / lets only the launch key in': "/etc/ssh/keys.d/admin lets the key 'ann' in",
        'faulty.Check / listens on 4/tcp': expect.stringContaining('nothing listens on 4/tcp'),
        'faulty.Check / `cat /etc/nowhere` does as it should': expect.stringMatching(
          /exit code 1, not 0: .*No such file/,
        ),
        'faulty.Converge.Faults / Exec[again and again]': expect.stringMatching(
          new RegExp(`would still change it.*\\(manifests/site\\.pp:${line}\\)`),
        ),
      });
      expect(readFileSync(at('reports/faulty/junit.xml'), 'utf8')).toContain(
        'sshd lets games in by a password of the image',
      );
      const tags = await tagsOf('faulty');
      expect(tags).not.toHaveProperty('bakehouse:verified');
      expect(tags['bakehouse:rejected']).toContain('lets only the launch key in');
      expect(await whatIsThere(cloud.ec2)).toMatchObject(nothingRuns);
    },
    3 * minutes,
  );

  test('waits for a server that never lets anybody in for a bounded time, and shows its console', () => {
    expect(casesOf('silent').failed).toEqual({
      'silent.Image / boots': expect.stringMatching(/did not let us in within 30 s .*its console ends with/),
    });
    expect(readFileSync(at('reports/silent/junit.xml'), 'utf8')).toMatch(/systemd|Reached target|login:/);
  });

  test(
    'terminates its servers when it is interrupted, and those of one that was killed, and tags nothing',
    async () => {
      const before = await tagsOf('silent');
      const killed = new StageProcess('verify', args('silent'), cloud.env);
      const first = await serversOf(killed);
      killed.child.kill('SIGKILL');
      await killed.ended;
      // Neither the one of the verify before nor one that is green without the image's cases.
      expect(readFileSync(at('reports/silent/junit.xml'), 'utf8')).toMatch(/errors="1"/);
      expect(existsSync(at('reports/silent/verify.json'))).toBe(false);
      expect((await whatIsThere(cloud.ec2)).instances).toEqual(first);

      const interrupted = new StageProcess('verify', args('silent'), cloud.env);
      const second = await serversOf(interrupted);
      expect(second.filter((id) => first.includes(id))).toEqual([]);
      interrupted.child.kill('SIGTERM');
      expect((await interrupted.ended).code).toBe(143);
      expect(casesOf('silent').failed).toEqual({});
      expect(await whatIsThere(cloud.ec2)).toMatchObject(nothingRuns);
      expect(await tagsOf('silent')).toEqual(before);
    },
    3 * minutes,
  );
});

/** The two servers that a verify has launched. */
async function serversOf(verifying: StageProcess) {
  await verifying.says('launching two servers');
  for (const over = Date.now() + 30_000; Date.now() < over;) {
    const { instances } = await whatIsThere(cloud.ec2);
    if (instances.length === 2) return instances;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('no servers');
}
