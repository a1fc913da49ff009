import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { stage, temporaryFolder } from '../cli/stage-process.ts';
import { StageProcess } from './build-process.ts';
import { commandLines } from './this-computer.ts';
import { type Cloud, cloudNetwork, nameInCloud, startCloudWithPuppet, whatIsThere } from './local-cloud.ts';
import { withPuppet } from './puppet-image.ts';
import { type PuppetServer, startPuppetServer } from './puppet-server.ts';

/** Bakes against a real Puppet server on the bridge's address; machines know it as `puppet`. */

const minutes = 60_000;
const secret = 'not-to-be-found-anywhere-0123456789';
const folder = temporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
let cloud: Cloud;
let server: PuppetServer;
let bridge = '';

const sitePp = `node /^redis-[0-9a-f]{10}\\.bake$/ {
  file { '/etc/baked':
    content => "\${facts['bakehouse_node']} \${facts['bakehouse_run']} \${facts['size']}\\n",
  }
}
`;
const site = (text: string) => {
  writeFileSync(join(server.environment, 'manifests/site.pp'), text);
};

beforeAll(async () => {
  mkdirSync(at('environment/manifests'), { recursive: true });
  writeFileSync(at('environment/manifests/site.pp'), sitePp);
  cloud = await startCloudWithPuppet();
  bridge = `${cloudNetwork(cloud)}.1`;
  nameInCloud(cloud, bridge, 'puppet');
  server = await startPuppetServer(bridge, at('environment'));
  await server.setSecret(secret);
  await writePack(withPuppet);
}, 8 * minutes);
afterAll(async () => {
  await server.stop();
  await cloud.stop();
  folder.remove();
}, 2 * minutes);

const env = (run: string, over: Record<string, string> = {}) => ({
  ...cloud.env,
  BAKEHOUSE_AUTOSIGN_SECRET: secret,
  BUILD_TAG: run,
  ...over,
});
const common = (reports: string) => ['--nodes', at('nodes.yaml'), '--reports', at(reports)];
const buildArgs = (reports: string) => [
  ...[...common(reports), '--packs', at('packs')],
  ...['--ca-client', server.caClient, '--ca-server', bridge],
];
const build = (run: string, reports = run, over: Record<string, string> = {}, ...more: string[]) =>
  stage('build', [...buildArgs(reports), ...more], { env: env(run, over) });
/** With --boot one of the booted servers asks the Puppet server once more. */
const verify = (reports: string, ...more: string[]) =>
  stage('verify', [...common(reports), ...more], { env: env(reports) });
const read = (reports: string, name: string) => readFileSync(at(reports, 'redis', name), 'utf8');
const bakeOf = (reports: string) => JSON.parse(read(reports, 'bake.json')) as Record<string, string>;

const certname = (run: string) => `redis-${createHash('sha256').update(run).digest('hex').slice(0, 10)}.bake`;

/** Makes the pack of a redis node that is baked from this source. */
async function writePack(source: string): Promise<void> {
  const keys = `group: redis, puppet_server: puppet, facts: {size: small}, ${source}`;
  writeFileSync(at('nodes.yaml'), `redis: {${keys}}\n`);
  const end = await stage('generate', ['--nodes', at('nodes.yaml'), '--out', at('packs')]);
  expect(end).toMatchObject({ exitCode: 0 });
}

/** Waits for something that takes a while. */
async function until(what: () => Promise<boolean>, limitMs = 90_000): Promise<void> {
  for (const over = Date.now() + limitMs; !(await what());) {
    if (Date.now() > over) throw new Error(`not after ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Lets the server sign a name for a key that no bake has. */
async function presign(name: string): Promise<void> {
  const conf = at('other agent');
  mkdirSync(conf);
  writeFileSync(join(conf, 'csr_attributes.yaml'), `custom_attributes: {1.2.840.113549.1.9.7: ${secret}}\n`);
  const folders = ['--confdir', conf, '--vardir', join(conf, 'var'), '--ssldir', join(conf, 'ssl')];
  const args = ['--certname', name, '--server', bridge, '--waitforcert', '0'];
  await execa('puppet', ['ssl', 'bootstrap', ...folders, ...args]);
  rmSync(conf, { recursive: true });
}

describe('a bake against a Puppet server', () => {
  test(
    'is verified, has its facts from files, and leaves no certificate; one beside it whose name was signed before, too',
    async () => {
      // As by a bake that was killed with its workspace: another key has that name already.
      await presign(certname('known'));
      const [first, known] = await Promise.all([build('first'), build('known')]);
      for (const { exitCode, stdout } of [first, known])
        expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^redis +baked +ami-/m)]);
      expect(known.stderr).toContain('was signed before: cleaned, and tried once more');
      expect(await server.certificates()).toEqual({});
      for (const run of ['first', 'known']) {
        expect(bakeOf(run)).toMatchObject({
          certname: certname(run),
          puppetServer: 'puppet',
          certificateCleaned: true,
          leftovers: [],
        });
        // The content's checksum is all that the report says of it.
        const { stdout: sum } = await execa('sha256sum', [], { input: `redis ${run} small\n` });
        expect(read(run, 'puppet-report.yaml')).toContain(sum.split(' ')[0]);
        expect(server.log()).toMatch(new RegExp(`Compiled catalog for ${certname(run)}`));
      }
      const clean = ['--ca-client', server.caClient, '--ca-server', bridge];
      const verified = await verify('first', '--boot', ...clean);
      expect([verified.exitCode, verified.stdout]).toEqual([0, expect.stringMatching(/^redis +\w+ +ami-/m)]);
      expect(read('first', 'junit.xml')).toContain('name="puppet noop run"');
      expect(await server.certificates()).toEqual({});
    },
    10 * minutes,
  );

  test(
    'that is killed leaves a certificate that the next one cleans, which waits without a secret until a person signs',
    async () => {
      await writePack('source_ami: {name: "redis-*", owner: self}');
      const args = [...buildArgs('killed'), '--certificate-wait', '5m'];
      await server.setSecret(undefined);
      const killed = new StageProcess('build', args, env('killed'));
      await killed.says('Puppet running');
      await until(async () => (await server.certificates())[certname('killed')] === 'requested');
      expect(commandLines()).not.toContain(secret);
      killed.child.kill('SIGKILL');
      await killed.ended;
      const bake = build('by-hand', 'killed', { BAKEHOUSE_AUTOSIGN_SECRET: '' }, '--certificate-wait', '2m');
      await until(async () => (await server.certificates())[certname('by-hand')] === 'requested');
      await server.sign(certname('by-hand'));
      expect(await bake).toMatchObject({ exitCode: 0 });
      await server.setSecret(secret);
      expect(await server.certificates()).toEqual({});
    },
    5 * minutes,
  );
});

describe('a bake that the Puppet server does not help', () => {
  const bakeAgainst = async (run: string, over: Record<string, string> = {}) => {
    const built = await build(run, run, over);
    const verified = await verify(run);
    expect([built.exitCode, verified.exitCode]).toEqual([3, 3]);
    expect(built.stderr).not.toMatch(/\n\s+at /);
    return { table: built.stdout, junit: read(run, 'junit.xml') };
  };
  afterEach(async () => {
    expect(await whatIsThere(cloud.ec2)).toMatchObject({ instances: [], volumes: [], keyPairs: [] });
  });

  // What else Puppet says where it gets no certificate, run-failure.test.ts has from recorded consoles.
  test(
    'since the secret is wrong, or since the catalog does not compile, ends soon, says so, and leaves no request',
    async () => {
      site('node default {\n  fail("no such role")\n}\n');
      const [wrong, compile] = await Promise.all([
        bakeAgainst('wrong', { BAKEHOUSE_AUTOSIGN_SECRET: 'another-secret-0123456789' }),
        bakeAgainst('compile'),
      ]);
      expect(wrong.table).toContain(`did not sign the certificate ${certname('wrong')} in time`);
      expect(wrong.junit).toContain('type="certificate-not-signed"');
      expect(bakeOf('wrong')).toMatchObject({ puppetFailure: 'certificate-not-signed' });
      expect(server.log()).toContain('autosign: not signed: the secret is wrong');
      const { startedAt, finishedAt } = bakeOf('wrong');
      expect(Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '')).toBeLessThan(90_000);
      expect(compile.table).toContain('no such role (manifests/site.pp:2:3)');
      expect(compile.junit).toMatch(
        /<failure[^>]*message="[^"]*manifests\/site\.pp:2:3[^>]*type="not-compiled"/,
      );
      expect(await server.certificates()).toEqual({});
    },
    3 * minutes,
  );

  test(
    'since it goes away in the middle of the run has a failing resource with its place',
    async () => {
      const module = join(server.environment, 'modules/late/files');
      mkdirSync(module, { recursive: true });
      writeFileSync(join(module, 'x'), 'late\n');
      // Until the server is gone; and longer than the agent keeps a connection to it.
      const loop = 'sleep 5; while : </dev/tcp/puppet/8140; do sleep 0.2; done';
      site(`node default {
  exec { '/bin/bash -c "${loop}"': }
  -> file { '/etc/late': source => 'puppet:///modules/late/x' }
}
`);
      const bake = bakeAgainst('gone');
      await until(() => Promise.resolve(commandLines().includes(loop)));
      await server.stop();
      const { table, junit } = await bake;
      expect(table).toContain('File[/etc/late] failed: ');
      expect(junit).toMatch(
        /File\[\/etc\/late\][^<]*<failure[^>]*Connection refused[^>]*manifests\/site\.pp:3/,
      );
      // Nor could the certificate be cleaned, which is said.
      expect(bakeOf('gone')).toMatchObject({
        certificateCleaned: false,
        leftovers: [expect.stringContaining(`certificate ${certname('gone')} on puppet (the CA at`)],
      });
      expect(table).toContain('remove by hand');
    },
    3 * minutes,
  );
});

test('the secret is nowhere: not in a report, a pack, a log, nor in any file of an image', async () => {
  const found = await execa('grep', ['-rlF', secret, folder.path, cloud.state], { reject: false });
  expect([found.exitCode, found.stdout]).toEqual([1, '']);
});
