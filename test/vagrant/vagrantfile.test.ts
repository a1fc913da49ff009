import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { tag } from '../../src/aws/tags.ts';
import { factsOf, packOf } from '../../src/generate/pack.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { root, temporaryFolder } from '../cli/stage-process.ts';
import { fc, shareOf } from '../runs.ts';
import { type Machine, type Machines, machinesOf, scriptOf } from './repository.ts';

/** templates/Vagrantfile without Vagrant: what it makes of a nodes.yaml, beside what Bakehouse itself makes of it. */

const factsIn = (machine: Machine | undefined) =>
  JSON.parse(
    /<<'END_OF_FACTS'\n([^\n]*)\nEND_OF_FACTS/.exec(scriptOf(machine, 'collect'))?.[1] ?? '',
  ) as unknown;
const allFacts = (text: string) =>
  Object.fromEntries(
    parseNodes(text).nodes.map((node) => [node.name, JSON.parse(JSON.stringify(factsOf(node))) as unknown]),
  );
const allFactsOf = (made: Machines | undefined) =>
  made !== undefined && 'machines' in made
    ? Object.fromEntries(Object.entries(made.machines).map(([name, machine]) => [name, factsIn(machine)]))
    : made;

/** Values that YAML 1.1 and 1.2, or Ruby and JavaScript, read in different ways; and forms of them. */
const tricky = `1.10 012 yes no on off y n 12345e7 1e3 0x1f 0o17 0b11 1_000 190:20:30 12:30 .inf -.INF .nan ~ null Null NULL nuLL true True TRUE
  tRue 1.0 1. .5 -.5 -0 0 00 0.10 -1 +1 9007199254740993 9007199254740992 100000000000000000000 1000000000000000000000 1152921504606846976
  0.000001 0.0000001 1.5e300 1e400 123456789.123456789 0.30000000000000004 2001-12-14 2001-12-14t21:59:43.10-05:00 = << *x
  http://x/y?z=1#q a#b '' "" '012' 'yes' "null" "\\u00e9\\x41\\/" [1,1.10,{a:012}] {a:1} {"a":1} {"a":b} [a:b] é 日本 😀 ?x -x`
  .split(/\s+/)
  .concat('', '!!str 012', '! 12', '"a\\nb"', '|\n      a\n       b\n', '>\n      a\n      b\n\n      c\n', '|-\n      a', '[1, 1.10, {a: 012}]')
  .concat('{a: null, b: , c: ~}', 'a b', 'a #b', '"a b\n        c"', 'a\n      b', '\n    - 012\n    - {a: yes}\n    -', '\u00a0x'); // prettier-ignore
const factsYaml = (values: readonly string[]) =>
  `a:\n  group: g\n  facts:\n    x: &x {one: 1.10, two: [yes, *y]}\n${values.map((value, n) => `    f${n}: ${value}\n`).join('')}`.replace(
    'x: &x',
    'y: &y 010\n    x: &x',
  );

describe('the facts of a machine', () => {
  test('are those of a bake, however YAML 1.1 or Ruby would read them', async () => {
    const texts = tricky.map((value) => factsYaml([value]));
    const made = await machinesOf(texts);
    for (const [n, text] of texts.entries()) {
      expect([text, parseNodes(text).problems]).toEqual([text, []]);
      expect([text, allFactsOf(made[n])]).toEqual([text, allFacts(text)]);
    }
  });

  test('are those of a bake for any file that Bakehouse takes, or the file is refused', async () => {
    const digits = fc.string({ unit: fc.constantFrom(...Array.from('0123456789.+-eExo_:~')), minLength: 1, maxLength: 22 });
    const signs = fc.string({ unit: fc.constantFrom(...Array.from('ab:,[]{}#&*!|>\'"%@`?- \\\t')), maxLength: 8 });
    const value = fc.oneof(fc.constantFrom(...tricky), digits, fc.double().map(String), fc.bigInt().map(String), signs);
    const piece = fc.constantFrom(...'a|b|facts|:|: | |\n|\n  |\n    |- |{|}|[|]|,|&x |*x|<<: *x|"|\'|group: g|\t|#|1.10|~|---\n|defaults|nodes|? '.split('|'));
    const fuzz = fc.array(piece, { maxLength: 16 }).map((pieces) => `x: &x {group: g}\na:\n  group: g\n  facts:\n    ${pieces.join('')}`);
    const given = fc.oneof(fc.array(value, { maxLength: 4 }).map(factsYaml), fuzz);
    const texts = fc.sample(given, { numRuns: shareOf(3000) });
    const made = await machinesOf(texts);
    let equal = 0;
    for (const [n, text] of texts.entries()) {
      if (parseNodes(text).problems.length > 0) continue;
      const facts = allFactsOf(made[n]);
      if (facts !== undefined && 'problem' in facts) {
        // libyaml takes fewer anchors and characters, and no tab in indentation.
        expect([text, facts.problem]).toEqual([text, expect.stringMatching(/scanning an anchor|has a character|reads no tag|a tab character that violates indentation|cannot start any token/)]);
      } else {
        expect([text, facts]).toEqual([text, allFacts(text)]);
        equal++;
      }
    }
    expect(equal).toBeGreaterThan(texts.length / 5);
  }, 120_000); // prettier-ignore
});

/** What a script of the bake runs with, as a shell understands it. */
async function variablesOf(machine: Machine | undefined, name: string): Promise<Record<string, string>> {
  const [head = ''] = scriptOf(machine, name).split('#!/bin/sh\n').slice(1);
  const exports = head.split('\nset -eu\n')[0] ?? '';
  const { stdout } = await execa('sh', ['-c', `${exports}\nexec /usr/bin/env -0`], {
    env: {},
    extendEnv: false,
  });
  return Object.fromEntries(stdout.split('\0').flatMap((line) => {
    const [variable = '', ...value] = line.split('=');
    return ['', 'PWD', '_'].includes(variable) ? [] : [[variable, value.join('=')]];
  })); // prettier-ignore
}

/** The same in the node's pack. */
function variablesInPack(text: string): Record<string, Record<string, string>> {
  const [node] = parseNodes(text).nodes;
  if (node === undefined) throw new Error('the test has no node');
  const template = { file: 'x', text: readFileSync(join(root, 'templates/packer.json.mustache'), 'utf8') };
  const made = packOf(node, {
    template,
    templates: '../templates',
    tag,
    imdsOptions: true,
    optional: new Set(),
  });
  if ('problems' in made) throw new Error(made.problems.join());
  const { provisioners } = JSON.parse(made.pack) as {
    provisioners: { script?: string; environment_vars?: string[] }[];
  };
  const scripts = provisioners.flatMap(({ script, environment_vars: given = [] }) => {
    const name = /(\w+)\.sh$/.exec(script ?? '')?.[1];
    const variables = given.map((one) => [one.split('=')[0], one.replace(/^\w+=/, '')] as const);
    return name === undefined
      ? []
      : [[name, Object.fromEntries(variables) as Record<string, string>] as const];
  });
  return Object.fromEntries(scripts);
}

const armored =
  '-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: a\n\nmAQE\nAQID\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n';

describe('the facts of files', () => {
  test('lie below those of their node, and above those of the defaults', async () => {
    const files = {
      'nodes.yaml': `defaults: {facts_from: c.yaml, facts: {a: 0, b: defaults}}
nodes:
  a: {facts_from: [d.yaml, e.yaml], facts: {d: node, n: null, z: null}}
  b:
`,
      'c.yaml': 'a: 1.10\nb: c\nc: c',
      'd.yaml': 'b: 012\nd: d\ne: d\nn: 1\n',
      'e.yaml': 'e: e\n',
    };
    const [made] = await machinesOf([files]);
    expect(allFactsOf(made)).toEqual({
      a: { a: 0, b: '012', c: 'c', d: 'node', e: 'e', z: null, bakehouse_node: 'a' },
      b: { a: 0, b: 'defaults', c: 'c', bakehouse_node: 'b' },
    });
    expect(
      await machinesOf([
        { ...files, 'e.yaml': '# none\n' },
        { ...files, 'e.yaml': 'e: [1]' },
      ]),
    ).toEqual([
      { machines: expect.anything() },
      { problem: 'e.yaml:1:4: "e" is no plain fact: give it under `facts` of nodes.yaml' },
    ]);
  });
});

describe('the scripts of a machine', () => {
  test('run with the variables of the pack', async () => {
    const texts = [
      'a: {group: g}',
      'a: {group: g, puppet: {version: 8.10}}',
      'a: {group: g, puppet: {package: openvox-agent, version: "1:8.1~rc1-1+b2", apt_source: {uri: "https://apt.example.com/~a/", suite: ./}}}',
      `defaults: {puppet: {package: x1, version: 1}}\nnodes: {a: {group: g, puppet: {version: null, apt_source: {uri: "http://a", suite: sid, components: [b, 8], key: ${JSON.stringify(armored)}}}}}`,
      'defaults: {puppet: {apt_source: {uri: "http://a", suite: sid}}}\nnodes: {a: {group: g, puppet_server: puppet.example, puppet_environment: test}}',
      'defaults: {puppet_server: puppet}\nnodes: {a: {group: g, puppet_server: false}}',
    ]; // prettier-ignore
    for (const [n, made] of (await machinesOf(texts)).entries()) {
      if ('problem' in made) throw new Error(made.problem);
      const pack = variablesInPack(texts[n] ?? '');
      const collect = await variablesOf(made.machines.a, 'collect');
      const { PUPPET_SERVER, PUPPET_ENVIRONMENT } = pack.collect ?? {};
      expect(collect).toMatchObject({ PUPPET_SERVER, PUPPET_ENVIRONMENT, RUN: 'vagrant' });
      const names = new Set([...Object.keys(collect), 'CERTNAME', 'CERTIFICATE_WAIT', 'FILES']);
      expect(Object.keys(pack.collect ?? {}).filter((name) => !names.has(name))).toEqual([]);
      const unasked = { PUPPET_PACKAGE: '', PUPPET_VERSION: '', PUPPET_SOURCE: '', PUPPET_SOURCE_KEY: '' };
      expect(await variablesOf(made.machines.a, 'bootstrap')).toEqual({ ...unasked, ...pack.bootstrap });
      expect(await variablesOf(made.machines.a, 'puppet')).toEqual(pack.puppet);
      expect(await variablesOf(made.machines.a, 'judge')).toEqual(pack.judge);
    }
  });

  test('are the files themselves, and no value of nodes.yaml is a command of theirs', async () => {
    const evil = '$(touch /tmp/x)`id`\'";\nid #';
    const facts = { f: `END_OF_FACTS\n${evil}` };
    const [made] = await machinesOf([JSON.stringify({ a: { puppet: { version: evil }, facts } })]);
    const machine = made !== undefined && 'machines' in made ? made.machines.a : undefined;
    for (const name of ['collect', 'bootstrap', 'puppet', 'judge'])
      expect(scriptOf(machine, name).endsWith(`\n${readFileSync(join(root, `templates/provision/${name}.sh`), 'utf8')}`)).toBe(true);
    expect((await variablesOf(machine, 'bootstrap')).PUPPET_VERSION).toBe(evil);
    expect(factsIn(machine)).toEqual({ ...facts, bakehouse_node: 'a' });
  }); // prettier-ignore

  test('run in the sequence of a bake, and the last one judges at each vagrant up', async () => {
    const [made] = await machinesOf(['a: {group: g}']);
    const given = made !== undefined && 'machines' in made ? made.machines.a?.vm.provision : [];
    expect(given?.map(([name, { run }]) => [name, run])).toEqual([
      ...[['collect'], ['bootstrap'], ['puppet']].map(([name]) => [name, undefined]),
      ['judge', 'always'],
    ]);
  });

  test('keep the certificate of a machine with a Puppet server, and give it the secret in a file', async () => {
    const folder = temporaryFolder();
    const secret = 'c2VjcmV0';
    const [made] = await machinesOf(['web: {puppet_server: p}'], { BAKEHOUSE_AUTOSIGN_SECRET: secret });
    const machine = made !== undefined && 'machines' in made ? made.machines.web : undefined;
    const work = join(folder.path, 'work').replaceAll(' ', '\\ ');
    const collect = `${scriptOf(machine, 'collect').replaceAll('/var/lib/bakehouse-bake', work)}\ntar -xf ${work}/upload.tar -C ${work}\n`;
    const certnames: string[] = [];
    for (let run = 1; run <= 2; run++) {
      await execa('sh', ['-c', collect]);
      certnames.push(/^certname = (.*)$/m.exec(readFileSync(join(folder.path, 'work/bake.conf'), 'utf8'))?.[1] ?? '');
      await execa('sleep', ['1']);
    }
    expect(certnames).toEqual([expect.stringMatching(/^web-\d{10}\.bake$/), certnames[0]]);
    expect(readFileSync(join(folder.path, 'work/csr_attributes.yaml'), 'utf8')).toContain(secret);
    expect(machine?.vm.synced_folder).toEqual([['.', '/vagrant', { disabled: true }]]);
    folder.remove();
  }); // prettier-ignore
});

describe('a machine', () => {
  const settingsOf = async (text: string, env: Record<string, string> = {}) => {
    const [made] = await machinesOf([text], env);
    return made !== undefined && 'machines' in made ? made.machines : {};
  };

  test('has what `vagrant` says of the node, laid over the defaults key by key', async () => {
    const { a, b } = await settingsOf(`defaults:
  vagrant: {memory: 2048, cpus: 2, box: x/y, ports: {8080: 80}, autostart: false}
nodes:
  a: {group: g}
  b: {group: g, vagrant: {memory: 512, cpus: null, ports: {"8443": 443, 2222: 22}, ip: 192.168.56.10, autostart: true}}
`);
    const forwarded = (host: number, guest: number) => ['forwarded_port', { host, guest, host_ip: '127.0.0.1', auto_correct: true }];
    expect(a).toMatchObject({
      define: { autostart: false },
      vm: { box: 'x/y', hostname: 'a', 'provider libvirt': { memory: 2048, cpus: 2 }, network: [forwarded(8080, 80)] },
    });
    expect(b).toMatchObject({ define: { autostart: true }, vm: { box: 'x/y' } });
    expect(b?.vm['provider virtualbox']).toEqual({ memory: 512 });
    expect(b?.vm.network?.slice(1)).toEqual([forwarded(8443, 443), forwarded(2222, 22)]);
    expect(b?.vm.network?.[0]).toEqual(['private_network', { ip: '192.168.56.10' }]);
  }); // prettier-ignore

  test('needs nothing but its name, and gets the manifests that are named', async () => {
    const { a } = await settingsOf('a:', { BAKEHOUSE_MANIFESTS: '/srv/puppet' });
    expect(a).toMatchObject({ define: { autostart: true }, vm: { box: 'bento/debian-13', hostname: 'a' } });
    expect(a?.vm.synced_folder[1]).toEqual(['/srv/puppet', '/srv/bakehouse/environment', expect.objectContaining({ type: 'rsync' })]);
  }); // prettier-ignore
});

describe('a bad nodes.yaml', () => {
  const bomb = Array.from({ length: 8 }, (_, n) => `l${n + 1}: &l${n + 1} {x: [${`*l${n},`.repeat(9)}]}`);
  const refused: [string, string][] = [
    ['', 'nodes.yaml: the file is empty: name one node at least, such as `redis: {group: redis}`'],
    ['- a', 'nodes.yaml:1:1: the file is not a mapping'],
    ['a: {group: g}\nb: [1\n', "nodes.yaml:2:4: not YAML: did not find expected ',' or ']' while parsing a flow sequence"],
    ['my_node: {group: g}', 'nodes.yaml:1:1: node name "my_node" is not 1 to 63 of a-z, 0-9 and -, beginning with a letter or digit'],
    ['"x;id": {group: g}', 'nodes.yaml:1:1: node name "x;id" is not 1 to 63 of a-z, 0-9 and -, beginning with a letter or digit'],
    ['a: text', 'nodes.yaml:1:4: "a" is not a mapping'],
    ['a: {}\na: {}', 'nodes.yaml:2:1: this key stands twice in its mapping: remove one of the two'],
    ['a: *b', 'nodes.yaml:1:4: not YAML: there is no anchor &b above'],
    ['a: &a {b: *a}', 'nodes.yaml:1:11: aliases go in a circle here: this is part of itself'],
    ['a: {<<: 5}', 'nodes.yaml:1:9: `<<` is not a mapping'],
    ['a: {[1]: 5}', 'nodes.yaml:1:5: a key is not a text: write it in quotes'],
    ['a: {facts: {x: !!int 5}}', 'nodes.yaml:1:16: the Vagrantfile reads no tag but !!str'],
    ['a: {}\n---\nb: {}', 'nodes.yaml:2:1: a second document begins here: remove its line `---`'],
    ['%YAML 1.1\n---\na: {}', 'nodes.yaml:1:1: the Vagrantfile does not read YAML 1.1: remove the line %YAML'],
    ['a: "x\u2028y"', 'nodes.yaml: it has a character U+2028: write it as "\\u2028"'],
    ['nodes: {}', 'nodes.yaml:1:1: there is no node: name one at least'],
    ['defaults: {}', 'nodes.yaml:1:1: `defaults` needs `nodes` beside it: put the nodes below `nodes:`'],
    ['nodes: {a: }\nb: {}', 'nodes.yaml:2:1: `b` stands beside `nodes` and `defaults`: move it into `nodes`'],
    ['a: {facts: [1]}', 'nodes.yaml:1:12: "a": `facts` is not a mapping'],
    ['a: {vagrant: 1}', 'nodes.yaml:1:14: "a": `vagrant` is not a mapping'],
    ['a:\n  vagrant: {memroy: 1}', 'nodes.yaml:2:13: "a": `vagrant.memroy` is none of autostart, box, cpus, ip, memory, ports'],
    ['defaults: {vagrant: {memory: 1.10}}\nnodes: {a: }', 'nodes.yaml:1:30: "defaults": `vagrant.memory` is not a whole number of MiB (it is "1.10")'],
    ['a: {vagrant: {ports: [80]}}', 'nodes.yaml:1:22: "a": `vagrant.ports` is not a mapping of ports, of this computer to the machine, such as {8080: 80} (it is [80])'],
    [`l0: &l0 {g: g}\n${bomb.join('\n')}\n`, 'aliases repeat too much'],
    ['a: {facts_from: 5}', 'nodes.yaml:1:17: "a": `facts_from` is neither a file nor a list of files'],
    ['a: {facts_from: deploys/a.yaml}', 'a.yaml: it cannot be read (there is no such file)'],
    ['- '.repeat(20_000), 'nodes.yaml: it is nested too deep'],
  ]; // prettier-ignore
  test('is one sentence, with its place', async () => {
    const made = await machinesOf(refused.map(([text]) => text));
    for (const [n, [text, problem]] of refused.entries())
      expect([text, made[n]]).toEqual([text, { problem: expect.stringContaining(problem) }]);
  });

  test('is refused where Bakehouse refuses what `vagrant` says, at the same place', async () => {
    const wrong = ['{memroy: 1}', '{memory: 0}', '{cpus: 1.5}', '{cpus: two}', '{ports: {0: 80}}', '{ports: {80: x}}', '{ports: 80}']
      .concat('{ip: 10.0.0}', '{box: ""}', '{box: 5}', '{autostart: yes}', '{ports: {022: 22}}', '{ports: {80: 70000}}', '7'); // prettier-ignore
    const right = ['{}', '{memory: null}', '{ports: {1: 65535, "2": "3"}}', '{ports: }', '{ip: 10.0.0.1}', '{box: a}', '{autostart: false}'];
    const texts = [...wrong, ...right].map((value) => `a:\n  group: g\n  vagrant: ${value}\n`);
    for (const [n, made] of (await machinesOf(texts)).entries()) {
      const [problem] = parseNodes(texts[n] ?? '').problems;
      const place = problem && `nodes.yaml:${problem.line}:${problem.column}: ${problem.message}`;
      const said = 'problem' in made ? made.problem.replace(/ \(it is .*\)$/, '').replace(/ is not a mapping$/, ' is not a mapping such as {memory: 2048}') : undefined;
      expect([texts[n], said]).toEqual([texts[n], place]);
      expect(place === undefined).toBe(n >= wrong.length);
    }
  }); // prettier-ignore
});
