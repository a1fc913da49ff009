import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { stage, temporaryFolder } from '../cli/stage-process.ts';
import { type Cloud, startCloud, whatIsThere } from './local-cloud.ts';
import { baseImage, plainDebian } from './puppet-image.ts';

/**
 * The stages with OpenVox in place of Puppet: Debian sid's openvox-agent on the tests' release of Debian, which has none.
 * `npm run test:matrix` runs it on trixie; bookworm's Ruby is too old for it.
 */

const minutes = 60_000;
const folder = temporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
const { directory: base } = await baseImage();
/** Sid is signed by the key of the release before it, among others: the machine is given that as a team's own. */
const key = readFileSync(join(base, 'etc/apt/trusted.gpg.d/debian-archive-trixie-automatic.asc'), 'utf8');
const [, mirror = ''] =
  /^deb (?:\[.*\] )?(\S+)/m.exec(readFileSync(join(base, 'etc/apt/sources.list'), 'utf8')) ?? [];

/** The version of sid's openvox-agent, or why it cannot be had. */
async function versionInSid(): Promise<{ version: string } | { why: string }> {
  const index = `${mirror}/dists/sid/main/binary-amd64/Packages.xz`;
  try {
    const answer = await fetch(index, { signal: AbortSignal.timeout(120_000) });
    if (!answer.ok) return { why: `${index} answers ${answer.status}` };
    const input = Buffer.from(await answer.arrayBuffer());
    const { stdout } = await execa('xz', ['-dc'], { input, maxBuffer: 500_000_000 });
    const version = /^Package: openvox-agent\n(?:.+\n)*?Version: (.+)$/m.exec(stdout)?.[1];
    return version === undefined ? { why: `${index} has no openvox-agent` } : { version };
  } catch (error) {
    return { why: `${index}: ${(error as Error).message}` };
  }
}

const sid = await versionInSid();
const version = 'version' in sid ? sid.version : '';
const indented = key.trim().replaceAll('\n', '\n        ');
const nodesYaml = `defaults:
  group: redis
  ${plainDebian}
  puppet:
    package: openvox-agent
    apt_source:
      uri: ${mirror}
      suite: sid
      key: |
        ${indented}
nodes:
  redis:
    puppet: {version: "${version}"}
    checks: [{command: 'hello'}, {command: 'puppet --version', output: '^${version.split('-')[0]?.replace('~', '-') ?? ''}$'}]
  purged: {remove_puppet: true, converge: off}
`;
const sitePp = `node default {
  file { '/etc/baked': content => "\${facts['puppetversion']} \${facts['bakehouse_node']}\\n" }
  package { 'hello': ensure => installed }
}
`;

describe(`with OpenVox${'why' in sid ? `, which cannot be had: ${sid.why}` : ''}`, () => {
  const testHere = 'why' in sid ? test.skip : test;
  let cloud: Cloud;
  const run = (name: string, ...args: string[]) => stage(name, args, { env: cloud.env });
  const nodes = ['--nodes', at('nodes.yaml')];
  const plan = ['--plan', at('plan.json')];
  const manifests = ['--manifests', at('environment')];
  const packs = ['--packs', at('packs')];
  const reports = ['--reports', at('reports')];
  const json = (...names: string[]) =>
    JSON.parse(readFileSync(at(...names), 'utf8')) as Record<string, unknown>;
  const planNow = () => run('plan', ...nodes, ...manifests, '--cache', at('cache'), '--out', at('plan.json'));

  beforeAll(async () => {
    mkdirSync(at('environment/manifests'), { recursive: true });
    writeFileSync(at('environment/manifests/site.pp'), sitePp);
    writeFileSync(at('nodes.yaml'), nodesYaml);
    cloud = await startCloud();
  }, 5 * minutes);
  afterAll(async () => {
    await cloud.stop();
    folder.remove();
  }, 2 * minutes);

  testHere(
    "a bake installs the version of nodes.yaml from the team's repository, and the image is verified by two servers",
    async () => {
      expect(await planNow()).toMatchObject({ exitCode: 0 });
      expect(await run('generate', ...nodes, ...plan, '--out', at('packs'))).toMatchObject({ exitCode: 0 });
      const built = await run(
        'build',
        ...nodes,
        ...plan,
        ...packs,
        ...manifests,
        ...reports,
        '--parallel',
        '2',
      );
      expect([built.exitCode, built.stdout + built.stderr]).toEqual([0, expect.anything()]);
      for (const node of ['redis', 'purged']) {
        const report = readFileSync(at('reports', node, 'puppet-report.yaml'), 'utf8');
        expect(report).toMatch(/^report_format: 12$/m);
        expect(report).toMatch(/^puppet_version: 9\./m);
        expect(readFileSync(at('reports', node, 'facts.yaml'), 'utf8')).toMatch(/^implementation: openvox$/m);
      }
      // The list is of the image as it is: without the Puppet that has gone.
      const hasPuppet = (node: string) =>
        readFileSync(at('reports', node, 'sbom.cdx.json'), 'utf8').includes('/openvox-agent@');
      expect(['redis', 'purged'].map(hasPuppet)).toEqual([true, false]);
      const verified = await run('verify', ...nodes, ...plan, ...reports, '--boot', ...manifests);
      expect([verified.stdout, verified.exitCode]).toEqual([
        expect.stringMatching(/^redis +verified .*\npurged +verified /m),
        0,
      ]);
    },
    10 * minutes,
  );

  testHere(
    'plan leaves the node alone until nodes.yaml asks for another Puppet, and says so',
    async () => {
      expect((await planNow()).stdout).toMatch(/^skip +purged, redis|^skip +redis, purged/m);
      writeFileSync(at('nodes.yaml'), nodesYaml.replace(/puppet: \{version: .*\}/, 'puppet: {}'));
      expect((await planNow()).stdout).toMatch(/^bake +redis +Puppet package changed since image ami-\w+$/m);
    },
    3 * minutes,
  );

  testHere(
    'a package or a version that the sources lack ends the bake in a sentence that names node and place',
    async () => {
      const text = nodesYaml
        .replace(`version: "${version}"`, 'version: "99.1-1"')
        .replace(
          'purged: {remove_puppet: true, converge: off}',
          'purged: {puppet: {package: openvox-agnt, apt_source: null}}',
        );
      writeFileSync(at('nodes.yaml'), text);
      expect(await run('generate', ...nodes, '--out', at('packs'))).toMatchObject({ exitCode: 0 });
      const { exitCode, stdout } = await run('build', ...nodes, ...packs, ...manifests, ...reports);
      const places = Object.fromEntries(
        ['version', 'openvox-agnt'].map((word) => [
          word,
          text.slice(0, text.indexOf(word)).split('\n').length,
        ]),
      );
      expect(exitCode).toBe(3);
      expect(json('reports', 'redis', 'bake.json').error).toBe(
        `the machine's package sources have no openvox-agent 99.1-1 but ${version}, which node redis asks for (${at('nodes.yaml')}:${places.version}:23)`,
      );
      expect(json('reports', 'purged', 'bake.json').error).toBe(
        `the machine's package sources have no package openvox-agnt, which node purged asks for (${at('nodes.yaml')}:${places['openvox-agnt']}:30)`,
      );
      expect(stdout).toContain('openvox-agnt');
      expect(await whatIsThere(cloud.ec2)).toMatchObject({ instances: [], volumes: [], keyPairs: [] });
    },
    5 * minutes,
  );
});
