import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fc } from '../runs.ts';
import { parseFactsFile, whyNoFactName, whyNoPlainFact } from '../../src/nodes/facts-file.ts';
import { loadNodes } from '../../src/nodes/load-nodes.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { temporaryFolder } from '../cli/stage-process.ts';

/** nodes.yaml read with these files beside it. */
function parsed(yaml: string, files: Record<string, string>) {
  return parseNodes(yaml, 'nodes.yaml', (path) => {
    const text = files[path];
    return text === undefined ? { why: 'does not exist' } : { text };
  });
}
const factsOf = (yaml: string, files: Record<string, string>) => {
  const { nodes, problems } = parsed(yaml, files);
  expect(problems).toEqual([]);
  return nodes.map(({ facts }) => facts);
};

describe('facts of files', () => {
  test('are those that `facts` would be with the same text', () => {
    const scalar = fc.constantFrom(
      ...['1.4.2', '1.10', '1.5', '8080', '00420', '012345678901', '0x1f', '9007199254740993', '-3', '1e3'],
      ...['true', 'no', 'off', '"8080"', "'x: y'", 'plain text', '2026-11-27', '~x', '!!str 5'],
    );
    fc.assert(
      fc.property(scalar, scalar, (one, other) => {
        const [fromFile] = factsOf('a: {group: g, facts_from: f.yaml}', {
          'f.yaml': `one: ${one}\nother: ${other} # why\n`,
        });
        const [inline] = factsOf(`a:\n  group: g\n  facts:\n    one: ${one}\n    other: ${other}\n`, {});
        expect(fromFile).toEqual(inline);
      }),
    );
  });

  test.each<[string, string, string, Record<string, string>, object]>([
    ['of the defaults reach each node', 'facts_from: d', '', { d: 'x: 1' }, { x: 1 }],
    ['of the defaults lie below `facts` of the defaults', 'facts_from: d, facts: {x: 2}', '', { d: 'x: 1' }, { x: 2 }],
    ["of a node lie over all of the defaults'", 'facts_from: d, facts: {x: 2, y: 2}', 'facts_from: n', { d: 'x: 1\nz: 1', n: 'x: 3' }, { x: 3, y: 2, z: 1 }],
    ["lie below the node's own `facts`", 'facts: {x: 2}', 'facts_from: n, facts: {x: 4}', { n: 'x: 3' }, { x: 4 }],
    ['of a later file win', '', 'facts_from: [n, m]', { n: 'x: 1\ny: 1', m: 'x: 2' }, { x: 2, y: 1 }],
    ['are taken away by null, wherever they come from', 'facts_from: d, facts: {x: 2}', 'facts_from: n, facts: {x: null, y: null}', { d: 'x: 1', n: 'x: 3\ny: 3' }, {}],
    ['may be none', '', 'facts_from: [n, m, o]', { n: '', m: '# later\n', o: '{}' }, {}],
  ])('%s', (_, defaults, own, files, expected) => {
    const yaml = `defaults: {group: g, ${defaults}}\nnodes: {a: {${own}}}`;
    expect(factsOf(yaml, files)).toEqual([expected]);
  }); // prettier-ignore

  test('are read once, and a node keeps the names of its own files only', () => {
    const read: string[] = [];
    const { nodes, problems } = parseNodes(
      'defaults: {group: g, facts_from: d}\nnodes: {a: {facts_from: [d, ./n//m]}, b: {facts_from: n/m}, c: }',
      'nodes.yaml',
      (path) => {
        read.push(path);
        return { text: 'x: 1' };
      },
    );
    expect(problems).toEqual([]);
    expect(read).toEqual(['d', 'n/m']);
    expect(nodes.map(({ factsFrom }) => factsFrom)).toEqual([['d', 'n/m'], ['n/m'], []]);
    expect(nodes[0]?.extra).toEqual({});
  });
});

describe('facts_from refuses', () => {
  const below = 'is not a file below the folder of nodes.yaml';
  test.each<[string, number, string]>([
    ['../x.yaml', 2, below],
    ['deploys/../../x.yaml', 2, below],
    ['..', 2, below],
    ['/etc/facts.yaml', 2, below],
    ['"a\\nb"', 2, below],
    ['5', 2, 'is neither a file nor a list of files'],
    ['{a: b}', 2, 'is neither a file nor a list of files'],
    ['[x.yaml, /y.yaml]', 11, below],
    ['', 1, 'is neither a file nor a list of files'],
  ])('%s', (value, column, message) => {
    const { problems } = parsed(`a:\n  group: g\n  facts_from:\n   ${value}\n`, { 'x.yaml': '' });
    expect(problems).toEqual([
      { line: value === '' ? 3 : 4, column: value === '' ? 14 : column + 2, message: expect.stringContaining(message) },
    ]);
  }); // prettier-ignore

  test('files that are not there, each at its place in nodes.yaml', () => {
    const { problems } = parsed('a: {group: g, facts_from: [x, y, x]}\nb: {group: g, facts_from: z}', {
      y: '',
    });
    expect(problems.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
      '1:28 "a": `facts_from` names x, which does not exist',
      '1:34 "a": `facts_from` names x, which does not exist',
      '2:27 "b": `facts_from` names z, which does not exist',
    ]);
  });

  test.each<[string, string[]]>([
    ['- version', ['1:1 the file is not a mapping of facts']],
    ['version', ['1:1 the file is not a mapping of facts']],
    ['x: 1\nx: 2', ['2:1 this key stands twice']],
    ['x: [1', ['1:6 not YAML']],
    ['x: 1\n---\ny: 2', ['2:1 not YAML']],
    ['app:\n  version: 1', ['2:3 "app" is a list or a mapping']],
    ['app: [1]\nx:', ['1:6 "app" is a list or a mapping', '2:3 "x" has no value']],
    ['x: *y', ['1:4 not YAML: there is no anchor']],
    ['Version: 1\nbakehouse_node: a\ntrusted: 1', ['1:1 "Version" is not the name of a fact', '2:1 "bakehouse_node" is a name that Bakehouse keeps', '3:1 "trusted" is a variable that Puppet itself sets']],
    ['x: |\n  one\n  two', ['1:4 "x" has a line break']],
    ['x: $(touch hacked)', ['1:4 "x" has `$(`']],
  ])('the file %j', (text, expected) => {
    const { problems } = parseFactsFile(text, 'deploys/a.yaml');
    expect(problems).toMatchObject(expected.map(() => ({ file: 'deploys/a.yaml' })));
    const places = problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
    expect(places).toEqual(expected.map((place) => expect.stringContaining(place)));
  }); // prettier-ignore
});

describe('a plain fact', () => {
  test.each(['1.4.2', '2026-11-27T10:00:00Z', 'registry.example.com/app@sha256:0f', 'münchen', 'a b', 5, 0, false])(
    'may be %j',
    (value) => {
      expect(whyNoPlainFact(value)).toBeUndefined();
    },
  ); // prettier-ignore

  test.each<[unknown, string]>([
    ['', 'no value'],
    [null, 'no value'],
    [{}, 'a list or a mapping'],
    ['a\nb', 'a line break'],
    ['a\tb', 'cannot be seen'],
    ['\u001b[1mx', 'cannot be seen'],
    ['a\u202eb', 'cannot be seen'],
    ['a\0', 'cannot be seen'],
    [' a', 'a blank'],
    ['$(touch x)', 'would run'],
    ['${HOME}', 'would run'],
    ['`id`', 'would run'],
    ['{{ env }}', 'would run'],
    ['x'.repeat(257), 'longer than 256'],
  ])('is not %j', (value, why) => {
    expect(whyNoPlainFact(value)).toContain(why);
  });

  test.each(['version', 'a', 'app2_version', 'x'.repeat(64)])('may be called %s', (name) => {
    expect(whyNoFactName(name)).toBeUndefined();
  });

  test.each(['', 'Version', '1st', '_x', 'a-b', 'a.b', 'a::b', 'é', 'x'.repeat(65), 'bakehouse_run', 'facts', 'environment'])(
    'is not called %j',
    (name) => {
      expect(whyNoFactName(name)).toBeDefined();
    },
  ); // prettier-ignore
});

describe('on this computer', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => {
    folder.remove();
  });
  const at = (name: string) => join(folder.path, name);
  const write = (name: string, text: string) => {
    mkdirSync(dirname(at(name)), { recursive: true });
    writeFileSync(at(name), text);
  };
  const load = (yaml: string) => {
    write('team/nodes.yaml', yaml);
    return loadNodes(at('team/nodes.yaml'), [], () => undefined);
  };
  const one = 'a: {group: g, facts_from: deploys/a.yaml}';

  test('a file is found beside nodes.yaml, also by a link within its folder', async () => {
    write('team/common.yaml', 'version: 1.10');
    mkdirSync(at('team/deploys'));
    symlinkSync('../common.yaml', at('team/deploys/a.yaml'));
    expect(await load(one)).toMatchObject([{ facts: { version: '1.10' } }]);
  });

  test('its problems have its own place', async () => {
    write('team/deploys/a.yaml', 'x: 1\nY: 2\n');
    await expect(load(`${one}\nb: {}`)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        /nodes\.yaml:2:1: "b": `group`[^]*\n.*\/team\/deploys\/a\.yaml:2:1: "Y"/,
      ),
    });
  });

  test.each<[string, () => void, string]>([
    ['is missing', () => undefined, 'does not exist: create it'],
    ['is a folder', () => mkdirSync(at('team/deploys/a.yaml'), { recursive: true }), 'is not a file'],
    ['lies below a file', () => { write('team/deploys', ''); }, 'cannot be read (ENOTDIR)'],
    ['is a pipe', () => { write('team/deploys/b', ''); execFileSync('mkfifo', [at('team/deploys/a.yaml')]); }, 'is not a file'],
    ['is huge', () => { write('team/deploys/a.yaml', ''); truncateSync(at('team/deploys/a.yaml'), 1_000_001); }, 'is larger than'],
    ['is a link out of the folder', () => { write('secret.yaml', 'x: 1'); write('team/deploys/b', ''); symlinkSync(at('secret.yaml'), at('team/deploys/a.yaml')); }, 'is a symbolic link out of the folder'],
    ['lies in a link out of the folder', () => { write('other/a.yaml', 'x: 1'); mkdirSync(at('team')); symlinkSync('../other', at('team/deploys')); }, 'is a symbolic link out of the folder'],
    ['is a link to nothing', () => { write('team/deploys/b', ''); symlinkSync('gone', at('team/deploys/a.yaml')); }, 'does not exist'],
    ['is a link to itself', () => { write('team/deploys/b', ''); symlinkSync('a.yaml', at('team/deploys/a.yaml')); }, 'cannot be read (ELOOP)'],
  ])('a file that %s is refused at its place in nodes.yaml', async (_, prepare, message) => {
    prepare();
    await expect(load(one)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(`nodes.yaml:1:27: "a": \`facts_from\` names deploys/a.yaml, which ${message}`),
    });
  }); // prettier-ignore

  test('a file that cannot be read is refused', async () => {
    write('team/deploys/a.yaml', 'x: 1');
    chmodSync(at('team/deploys/a.yaml'), 0);
    // root reads it all the same.
    if (process.getuid?.() === 0) expect(await load(one)).toHaveLength(1);
    else await expect(load(one)).rejects.toMatchObject({ message: expect.stringContaining('cannot be read (EACCES)') });
  }); // prettier-ignore
});
