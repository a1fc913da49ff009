import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { compileCatalogs } from '../../../src/puppet/catalogs/compile-catalogs.ts';
import type { EnvironmentDescription } from '../../../src/puppet/catalogs/compilation.ts';
import { compilerOptions, environmentFolder, removeFolders } from './environment-folder.ts';

/** Each is a file of two modules: do their meanings differ? */
const pairs: [string, string, string, boolean][] = [
  ['a comment', '# one\nx = 1 # two\n', 'x = 1\n', false],
  ['blanks and empty lines', 'def x\n  1\nend\n', 'def  x\n\n\n      1\nend', false],
  ['a comment of many lines', '=begin\nabout\n=end\nx = 1\n', 'x = 1\n', false],
  ['a value', 'x = 1\n', 'x = 2\n', true],
  ['blanks in a string', 'x = "a b"\n', 'x = "a  b"\n', true],
  ['what looks like a comment in a string', 'x = <<A\n# one\nA\n', 'x = <<A\n# two\nA\n', true],
  ['a line that ends', 'x = 1\n+ 2\n', 'x = 1 + 2\n', true],
  ['a line that goes on', 'x = 1 \\\n+ 2\n', 'x = 1\n+ 2\n', true],
  ['a blank before an argument', 'f [1]\n', 'f[1]\n', true],
  ['a magic comment', '# frozen_string_literal: true\nx = ""\n', 'x = ""\n', true],
  ['a comment where lines are counted', '# one\nx = __LINE__\n', 'x = __LINE__\n', true],
  ['what follows the end', 'x = DATA.read\n__END__\n# one\n', 'x = DATA.read\n__END__\n# two\n', true],
  ['a comment in what is no Ruby', 'def (\n# one\n', 'def (\n# two\n', true],
];
let environment: EnvironmentDescription;
let changed: EnvironmentDescription;

beforeAll(async () => {
  const texts = pairs.flatMap(([, one, two], index) => [
    [`modules/one/lib/facter/f${index}.rb`, one],
    [`modules/two/lib/facter/f${index}.rb`, two],
  ]);
  const files = {
    ...(Object.fromEntries(texts) as Record<string, string>),
    'environment.conf': 'modulepath = modules:more\n',
    'modules/one/facts.d/a.sh': 'echo a=1\n',
    'modules/two/facts.d/a.sh': 'echo a=1\n',
    'modules/one/lib/data.txt': '# one',
    'modules/two/lib/data.txt': '# two',
    'modules/one/manifests/init.pp': 'class one { }',
    'more/one/lib/hidden.rb': '',
    'more/three/lib/a.rb': 'x = 1',
  };
  const folder = environmentFolder(files);
  chmodSync(join(folder, 'modules/one/facts.d/a.sh'), 0o755);
  environment = (await compileCatalogs([], compilerOptions(folder))).environment;
  const other = environmentFolder({
    ...files,
    'more/three/lib/a.rb': 'x = 2',
    'modules/one/manifests/init.pp': '',
  });
  chmodSync(join(other, 'modules/one/facts.d/a.sh'), 0o755);
  changed = (await compileCatalogs([], compilerOptions(other))).environment;
});

afterAll(removeFolders);

test.each(
  pairs.map(([what, , , differs], index) => [what, differs ? 'counts' : 'does not count', index] as const),
)('%s %s', (_, counts, index) => {
  const [one, two] = ['one', 'two'].map((name) => environment.pluginFiles[`${name}/lib/facter/f${index}.rb`]);
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(one === two).toBe(counts !== 'counts');
});

test('what is no Ruby counts by its bytes, an external fact also by whether it may be run', () => {
  const { pluginFiles } = environment;
  expect(pluginFiles['one/lib/data.txt']).not.toBe(pluginFiles['two/lib/data.txt']);
  expect(pluginFiles['one/facts.d/a.sh']).not.toBe(pluginFiles['two/facts.d/a.sh']);
});

test('lib and facts.d of the first module of a name are brought, nothing else', () => {
  const others = Object.keys(environment.pluginFiles).filter((path) => !path.includes('/facter/'));
  expect(others).toEqual([
    'one/lib/data.txt',
    'one/facts.d/a.sh',
    'three/lib/a.rb',
    'two/lib/data.txt',
    'two/facts.d/a.sh',
  ]);
});

test('the one hash changes with any of them, and with nothing else', () => {
  const differing = Object.keys(changed.pluginFiles).filter(
    (path) => changed.pluginFiles[path] !== environment.pluginFiles[path],
  );
  expect(differing).toEqual(['three/lib/a.rb']);
  expect(changed.plugins).not.toBe(environment.plugins);
});

test('an environment is described by its Puppet and its module folders', () => {
  expect(environment.puppetVersion).toMatch(/^\d+\.\d+\.\d+(-rc\d+)?$/);
  expect(environment.modulepath.map((path) => path.split('/').at(-1))).toEqual(['modules', 'more']);
});
