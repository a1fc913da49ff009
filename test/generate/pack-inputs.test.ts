import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { tag } from '../../src/aws/tags.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { optionalKeys } from '../../src/generate/pack-settings.ts';
import { packFileReader } from '../../src/generate/pack-files.ts';
import { packInputs } from '../../src/generate/pack-inputs.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bakehouse inputs '));
  cpSync('templates/packer.json.mustache', join(folder, 'packer.json.mustache'));
  cpSync('templates/provision', join(folder, 'provision'), { recursive: true });
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const fixedTemplate = `{
  "_comment": "of no matter",
  "variables": {"run": "", "commit": "unknown"},
  "builders": [{"type": "amazon-ebs", "instance_type": "<%size%>", "imds": <%imds_options%>, "groups": "<%#group%><%.%>,<%/group%>",
    "run_tags": {"<%tag.node%>": "<%name%>"}, "launch_block_device_mappings": [{"device_name": "/dev/xvda"}]}],
  "provisioners": [
    {"type": "shell-local", "script": "{{template_dir}}/<%templates%>/fixed/run.sh"},
    {"type": "file", "source": "{{template_dir}}/<%templates%>/fixed", "destination": "/x"}
  ]
}
`;

const at = (name: string) => join(folder, name);
const edit = (name: string, how: (text: string) => string) => {
  const text = readFileSync(at(name), 'utf8');
  const edited = how(text);
  if (edited === text) throw new Error(`the test changes nothing in ${name}`);
  writeFileSync(at(name), edited);
};
const template = (from: string, to: string) => {
  edit('packer.json.mustache', (text) => text.replace(from, to));
};

async function inputsOf(keys = '') {
  const nodes = parseNodes(`a: {group: g${keys}}`).nodes;
  const [node] = nodes;
  if (node === undefined) throw new Error(keys);
  const file = at('packer.json.mustache');
  const settings = { template: { file, text: readFileSync(file, 'utf8') }, tag, optional: optionalKeys(nodes) };
  return packInputs(node, settings, packFileReader());
} // prettier-ignore

const changesOf = async (how: () => void, keys?: string) => {
  const before = await inputsOf();
  how();
  const after = await inputsOf(keys);
  return (['pack', 'scripts'] as const).filter((name) => before[name] !== after[name]);
};
const nothing = () => undefined;

describe("what a pack adds to a node's digest", () => {
  test.each<[string, string, string]>([
    ['package', '{package: a1}', '{package: a2}'],
    ['version', '{version: 8}', '{version: 9}'],
    ['version, where there was none', '{package: a1}', '{package: a1, version: 9}'],
    ['repository', '{apt_source: {uri: "http://a", suite: b}}', '{apt_source: {uri: "http://a", suite: c}}'],
  ])('is another Puppet with another %s, and the same pack', async (_, was, is) => {
    const [before, after] = [await inputsOf(`, puppet: ${was}`), await inputsOf(`, puppet: ${is}`)];
    expect(after.puppet).toMatch(/^[0-9a-f]{64}$/);
    expect(after.puppet).not.toBe(before.puppet);
    expect({ ...after, puppet: '' }).toEqual({ ...before, puppet: '' });
  });

  test('has no Puppet where nodes.yaml asks for none, and another pack where the template does something else with it', async () => {
    const before = await inputsOf(', puppet: {version: 8}');
    expect(await inputsOf(', puppet: {}')).toEqual(await inputsOf());
    expect(await inputsOf()).not.toHaveProperty('puppet');
    template('PUPPET_VERSION=', 'VERSION=');
    const after = await inputsOf(', puppet: {version: 8}');
    expect([after.puppet, after.pack === before.pack]).toEqual([before.puppet, false]);
  });

  test('is all known of the template as it is', async () => {
    const { pack, scripts, findings, source } = await inputsOf();
    expect([pack, scripts]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(findings).toEqual([]);
    expect(source).toMatchObject({ owners: ['136693071363'], mostRecent: true });
  }); // prettier-ignore

  test('is what earlier versions of Bakehouse said, so that images of theirs need no new bake', async () => {
    const file = at('fixed.mustache');
    writeFileSync(file, fixedTemplate);
    mkdirSync(at('fixed'));
    writeFileSync(at('fixed/run.sh'), 'echo "$1"\n', { mode: 0o755 });
    writeFileSync(at('fixed/x.conf'), 'x = 1\n', { mode: 0o644 });
    const [node] = parseNodes('a: {group: [g, h], size: t3.large, facts: {role: "a {{b}}"}, packer: {ebs_optimized: true}}').nodes;
    if (node === undefined) throw new Error('a node');
    const settings = { template: { file, text: fixedTemplate }, tag: { node: 'n' }, optional: new Set<string>() };
    expect(await packInputs(node, settings, packFileReader())).toMatchObject({ pack: '51b6a41fed09f549cb75dd366c734f5ed69a3070d8687d61307d90f06f798217', scripts: 'b46300d4937d06b12211d2dae77c6af9df9c01ab0861c6bcde291322b7c02152' });
  }); // prettier-ignore

  test.each<[string, () => void, string | undefined]>([
    ['white space', () => { template('"builders": [', '\n\n   "builders"   :[  '); }, undefined],
    ['a comment', () => { template('"builders": [', '<%! a\ncomment %>"builders": ['); }, undefined],
    ["one of Packer's", () => { template('schema 1: written by', 'schema 1: once written by'); }, undefined],
    ['the order of keys', () => { template('"commit": "unknown",\n    "digest": "unknown",', '"digest": "unknown",\n    "commit": "unknown",'); }, undefined],
    ['way to say that there are no facts', nothing, ', facts: {}'],
    ['what cleanup and verify read', nothing, ', keep: 3, max_age: 30d, checks: [{port: 1}], converge: off, assume_pure: true'],
    ['a key that the template does not name', nothing, ', ip: 10.0.0.1'],
  ])('is the same with another %s', async (_, how, keys) => {
    expect(await changesOf(how, keys)).toEqual([]);
  }); // prettier-ignore

  test.each<[string, () => void, string | undefined]>([
    ['instance type in nodes.yaml', nothing, ', size: t3.large'],
    ['fact', nothing, ', facts: {x: 1}'],
    ['key laid over the builder', nothing, ', packer: {ebs_optimized: true}'],
    ['line of the template', () => { template('"ssh_timeout": "5m"', '"ssh_timeout": "6m"'); }, undefined],
    ['setting for a newer Packer', () => { template('"http_put_response_hop_limit": 1', '"http_put_response_hop_limit": 2'); }, undefined],
    ['setting for an older Packer', () => { template('<%/imds_options%>', '<%/imds_options%><%^imds_options%>"ebs_optimized": true,<%/imds_options%>'); }, undefined],
    ['order of provisioners', () => { template('"provisioners": [', '"provisioners": [{"type": "shell", "inline": ["true"]},'); }, undefined],
  ])('has another pack with another %s', async (_, how, keys) => {
    expect(await changesOf(how, keys)).toEqual(['pack']);
  }); // prettier-ignore

  test.each(['bootstrap.sh', 'puppet.sh', 'judge.sh', 'seal.sh', 'collect.sh'])(
    'has other scripts with another %s',
    async (name) => {
      const how = () => { edit(`provision/${name}`, (text) => `${text}#\n`); }; // prettier-ignore
      expect(await changesOf(how)).toEqual(['scripts']);
    },
  );

  test('has other scripts with another neighbour of a script that runs here, and not with other files', async () => {
    expect(await changesOf(() => { writeFileSync(at('provision/lib.sh'), ''); })).toEqual(['scripts']); // prettier-ignore
    expect(await changesOf(() => { writeFileSync(at('README'), ''); })).toEqual([]); // prettier-ignore
  });

  test('is the same wherever the template lies', async () => {
    const before = await inputsOf();
    const other = mkdtempSync(join(tmpdir(), 'elsewhere '));
    cpSync(folder, other, { recursive: true });
    rmSync(folder, { recursive: true });
    folder = other;
    expect(await inputsOf()).toEqual(before);
  });

  test('has the files of uploads in it, and folders as a whole', async () => {
    mkdirSync(at('files/deep'), { recursive: true });
    writeFileSync(at('files/deep/x'), '1');
    template('"provisioners": [', '"provisioners": [{"type": "file", "source": "{{template_dir}}/<%templates%>/files", "destination": "/x"},');
    expect((await inputsOf()).findings).toEqual([]);
    expect(await changesOf(() => { writeFileSync(at('files/deep/x'), '2'); })).toEqual(['scripts']);
  }); // prettier-ignore

  test.each([
    ['{{template_dir}}/<%templates%>/provision/none.sh', 'provision/none.sh, which does not exist'],
    ['/nonexistent/x.sh', '/nonexistent/x.sh, which does not exist'],
  ])('cannot be had without the script %s', async (path, why) => {
    template('{{template_dir}}/<%templates%>/provision/seal.sh', path);
    await expect(inputsOf()).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(new RegExp(`packer\\.json\\.mustache: for node a it names .*${why}$`)),
    });
  });
});

describe('it cannot be judged', () => {
  const provisioner = (more: string) => {
    template('"provisioners": [', `"provisioners": [{${more}},`);
  };
  test.each<[string, () => void, string]>([
    ['a script that a variable names', () => { provisioner('"type": "shell", "script": "{{user `x`}}/a.sh"'); }, 'a script of shell is "{{user `x`}}/a.sh", which only Packer can read'],
    ['one of several', () => { provisioner('"type": "shell", "scripts": ["{{template_dir}}/<%templates%>/provision/seal.sh", "{{user `x`}}"]'); }, 'a script of shell is "{{user `x`}}"'],
    ['a script among the packs', () => { provisioner('"type": "shell", "script": "{{template_dir}}/x.sh"'); }, 'x.sh lies in the folder of the packs'],
    ['a command that runs here', () => { provisioner('"type": "shell-local", "inline": ["curl x"]'); }, 'a command of shell-local'],
    ['another upload made in the bake', () => { provisioner('"type": "file", "source": "x.tar", "generated": true, "destination": "/x"'); }, 'the upload "x.tar" is made in the bake'],
    ['a provisioner with files of its own', () => { provisioner('"type": "ansible", "playbook_file": "x"'); }, 'the provisioner ansible reads files of its own'],
    ['an override', () => { provisioner('"type": "shell", "inline": ["x"], "override": {"amazon-ebs": {"script": "y"}}'); }, 'the provisioner shell has an override'],
    ['a variable from the environment', () => { template('"run": "",', '"run": "", "x": "{{ env `X` }}",'); }, 'the variable x is "{{ env `X` }}"'],
    ['user data that a variable names', () => { template('"ssh_username"', '"user_data_file": "{{user `x`}}", "ssh_username"'); }, 'user_data_file is "{{user `x`}}"'],
    ['another region', () => { template('"region": "{{user `region`}}"', '"region": "eu-west-1"'); }, 'a region of its own'],
  ])('%s', async (_, how, what) => {
    how();
    expect((await inputsOf()).findings).toEqual([{ kind: 'pack', what: expect.stringContaining(what) }]);
  }); // prettier-ignore
});
