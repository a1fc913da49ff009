import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CreateKeyPairCommand, DescribeImagesCommand } from '@aws-sdk/client-ec2';
import { reaches, run, ssh } from '../local-cloud/machine-under-test.ts';
import { hasVagrant, repository, vagrantIn } from '../vagrant/repository.ts';
import { type Cloud, startCloudWithPuppet } from './local-cloud.ts';
import { debianVersion } from './puppet-image.ts';

/** templates/Vagrantfile in a real Vagrant, over a machine of the local cloud: only booting it is not Vagrant's. */

const minutes = 60_000;
const folder = repository();
const at = (...names: string[]) => join(folder.path, ...names);
const testHere = (await hasVagrant()) ? test : test.skip;
const sitePp = (more: string) => `node 'redis.bake' {
  file { '/etc/made': content => "\${facts['version']} \${facts['bakehouse_node']} \${facts['bakehouse_run']}\\n" }
${more}}
`;
const manifest = (more = '') => {
  writeFileSync(at('puppet/manifests/site.pp'), sitePp(more));
};

describe('the Vagrantfile', () => {
  let cloud: Cloud;
  let key = '';
  let address = '';
  const vagrant = vagrantIn(folder.path, () => ({
    BAKEHOUSE_MANIFESTS: 'puppet',
    BAKEHOUSE_TEST_MACHINE: `${address} ${key}`,
  }));

  beforeAll(async () => {
    mkdirSync(at('puppet/manifests'), { recursive: true });
    manifest('  file { "/etc/first": ensure => file }\n');
    const yaml = `redis: {group: g, facts: {version: 1.10}}\n`;
    writeFileSync(at('nodes.yaml'), yaml);
    cloud = await startCloudWithPuppet();
    const { KeyMaterial = '' } = await cloud.ec2.send(new CreateKeyPairCommand({ KeyName: 'vagrant' }));
    key = at('key.pem');
    writeFileSync(key, KeyMaterial, { mode: 0o600 });
    const Filters = [{ Name: 'name', Values: [`debian-${debianVersion}-with-puppet`] }];
    const { Images = [] } = await cloud.ec2.send(new DescribeImagesCommand({ Filters }));
    const id = await run(cloud.ec2, {
      ImageId: Images[0]?.ImageId ?? '',
      InstanceType: 't3.small',
      KeyName: 'vagrant',
    });
    address = (await reaches(cloud.ec2, id, 'running')).PublicIpAddress ?? '';
  }, 5 * minutes);
  afterAll(async () => {
    await cloud.stop();
    folder.remove();
  }, 2 * minutes);

  testHere(
    'configures the machine with the facts, the scripts and the Puppet run of a bake',
    async () => {
      const { exitCode, all } = await vagrant('up', 'redis');
      expect([exitCode, all]).toEqual([0, expect.stringContaining('bakehouse: puppet exit code 2')]);
      expect(await ssh(address, key, 'cat /etc/made; ls /etc/first')).toBe('1.10 redis vagrant\n/etc/first');
    },
    2 * minutes,
  );

  testHere(
    'fails when Puppet failed, with the manifests of now',
    async () => {
      manifest('  exec { "/bin/false": }\n');
      const { exitCode, all } = await vagrant('provision', 'redis');
      const failed = expect.stringContaining(
        'judge.sh: the Puppet run had failures (exit code 4)',
      ) as unknown;
      expect([exitCode, all]).toEqual([1, failed]);
      // Vagrant does not provision it again, and would be content.
      expect(await vagrant('up', 'redis')).toEqual({ exitCode: 1, all: failed });
    },
    2 * minutes,
  );
});
