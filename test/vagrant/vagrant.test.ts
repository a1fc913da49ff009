import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { hasVagrant, repository, vagrantIn } from './repository.ts';

/** templates/Vagrantfile as Debian's Vagrant takes it; test/e2e/vagrant.e2e.test.ts provisions a machine. */

const folder = repository();
const testHere = (await hasVagrant()) ? test : test.skip;
let env = {};
const vagrant = vagrantIn(folder.path, () => env);
const write = (text: string) => {
  writeFileSync(join(folder.path, 'nodes.yaml'), text);
};
const yaml = `defaults:
  group: base
  vagrant: {memory: 1024, cpus: 2, ports: {8080: 80}, ip: 192.168.56.10}
nodes:
  redis:
  web-: {puppet_server: puppet.example}
`;

describe('Vagrant', () => {
  beforeEach(() => {
    write(yaml);
  });
  afterAll(() => {
    folder.remove();
  });

  testHere('finds nothing wrong with the Vagrantfile', async () => {
    const ended = await vagrant('validate');
    expect(ended).toEqual({ exitCode: 0, all: 'Vagrantfile validated successfully.' });
  });

  testHere('lists a machine for each node', async () => {
    const { exitCode, all } = await vagrant('status');
    expect([exitCode, all]).toEqual([0, expect.stringMatching(/^redis +not_created.*\nweb- +not_created/m)]);
  });

  testHere('says in one sentence what is wrong with nodes.yaml, and fails', async () => {
    write(yaml.replace('memory', 'memroy'));
    const place = `${join(folder.path, 'nodes.yaml')}:3:13`;
    const problem = `${place}: "defaults": \`vagrant.memroy\` is none of autostart, box, cpus, ip, memory, ports`;
    const { exitCode, all } = await vagrant('status');
    expect([exitCode, all.split('\n').at(-1)]).toEqual([1, problem]);
    expect(all).not.toMatch(/\.rb:\d/);
  });

  testHere('says which folder of manifests is missing', async () => {
    writeFileSync(join(folder.path, 'nodes.yaml'), 'redis: {group: g}\n');
    env = { BAKEHOUSE_MANIFESTS: 'nowhere' };
    const { exitCode, all } = await vagrant('validate');
    expect([exitCode, all]).toEqual([1, expect.stringContaining(`missing: ${join(folder.path, 'nowhere')}`)]);
  });
});
