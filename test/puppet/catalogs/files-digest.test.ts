import { describe, expect, test } from '@jest/globals';
import { fc } from '../../runs.ts';
import type { FileReference, NamedFiles } from '../../../src/puppet/catalogs/file-references.ts';
import { type FileLookUp, filesDigest } from '../../../src/puppet/catalogs/files-digest.ts';
import type { Tree } from '../../../src/puppet/environment/tree.ts';

const tree = (files: Record<string, string>): Tree =>
  new Map(
    Object.entries(files).map(([path, id]) => [
      path,
      { id: id.replace('+x', ''), executable: id.endsWith('+x') },
    ]),
  );
const environment = {
  'environment.conf': '01',
  'modules/web/files/a.conf': '02',
  'modules/web/files/a.conf.d/x': '03',
  'modules/web/files/tree/deep/er/y': '04',
  'modules/web/files/tree/run.sh': '05+x',
  'modules/web/manifests/init.pp': '06',
  'modules/bare/manifests/init.pp': '07',
  'modules/Odd/files/a': '08',
};
const lookUp = (over: Record<string, string> = {}): FileLookUp => {
  const own = tree({ ...environment, ...over });
  const shared = tree({ 'web/files/only-here': '11', 'bare/files/a': '12', 'base/files/motd': '13' });
  return {
    environment: own,
    modulepath: [
      { tree: own, prefix: 'modules/' },
      { tree: shared, prefix: '' },
    ],
  };
};
const inModule = (module: string, path: string): FileReference => ({ in: 'module', module, path });
const named = (...anyOf: FileReference[]): NamedFiles => ({
  resource: 'File[x]',
  anyOf,
  file: 'site.pp',
  line: 1,
});
const filesOf = (...anyOf: FileReference[]) =>
  filesDigest([named(...anyOf)], lookUp()).files.map(([address, id]) => `${address} ${id}`);

describe('the files that a reference stands for', () => {
  test.each<[string, FileReference, string[]]>([
    ['a file', inModule('web', 'a.conf'), ['puppet:///modules/web/a.conf 02']],
    [
      'a folder',
      inModule('web', 'tree'),
      ['puppet:///modules/web/tree/deep/er/y 04', 'puppet:///modules/web/tree/run.sh 05+x'],
    ],
    [
      'all files of a module',
      inModule('web', ''),
      [
        'puppet:///modules/web/a.conf 02',
        'puppet:///modules/web/a.conf.d/x 03',
        'puppet:///modules/web/tree/deep/er/y 04',
        'puppet:///modules/web/tree/run.sh 05+x',
      ],
    ],
    ['a module elsewhere on the path', inModule('base', 'motd'), ['puppet:///modules/base/motd 13']],
    [
      'a file that only a hidden module has',
      inModule('web', 'only-here'),
      ['puppet:///modules/web/only-here missing'],
    ],
    ['a file of a hiding module without files', inModule('bare', 'a'), ['puppet:///modules/bare/a missing']],
    ['no such module', inModule('none', 'a'), ['puppet:///modules/none/a missing']],
    ['a folder that is no module to Puppet', inModule('Odd', 'a'), ['puppet:///modules/Odd/a missing']],
    ['a part of a name', inModule('web', 'tre'), ['puppet:///modules/web/tre missing']],
    ['a name of everything', inModule('web', '__proto__'), ['puppet:///modules/web/__proto__ missing']],
    ['a file of the environment', { in: 'environment', path: 'environment.conf' }, ['environment.conf 01']],
    [
      'a folder of the environment',
      { in: 'environment', path: 'modules/bare' },
      ['modules/bare/manifests/init.pp 07'],
    ],
    [
      'what a path may begin',
      { in: 'environment', pathBegins: 'modules/web/files/a' },
      ['modules/web/files/a.conf 02', 'modules/web/files/a.conf.d/x 03'],
    ],
    ['a path that begins nothing', { in: 'environment', pathBegins: 'zzz' }, ['zzz* missing']],
  ])('%s', (_, reference, files) => {
    expect(filesOf(reference)).toEqual(files);
  });

  test('all of the environment, for its own folder', () => {
    expect(filesOf({ in: 'environment', path: '' })).toHaveLength(Object.keys(environment).length);
  });
});

describe('the digest of files', () => {
  const all = [named(inModule('web', 'tree')), named(inModule('web', 'a.conf'), inModule('base', 'motd'))];
  const digest = (over: Record<string, string>) => filesDigest(all, lookUp(over)).digest;

  test.each<[string, Record<string, string>]>([
    ['bytes', { 'modules/web/files/tree/deep/er/y': '99' }],
    ['a new file in a folder', { 'modules/web/files/tree/deep/new': '99' }],
    ['an executable bit', { 'modules/web/files/a.conf': '02+x' }],
    ['a module that now hides another', { 'modules/base/manifests/init.pp': '99' }],
  ])('changes with %s', (_, over) => {
    expect(digest(over)).not.toBe(digest({}));
  });

  test.each<[string, Record<string, string>]>([
    ['a file that nobody names', { 'modules/web/files/other': '99' }],
    ['a file beside a folder', { 'modules/web/files/tree.bak': '99' }],
    ['a manifest', { 'modules/web/manifests/init.pp': '99' }],
  ])('does not change with %s', (_, over) => {
    expect(digest(over)).toBe(digest({}));
  });

  test('changes when a missing file comes', () => {
    const missing = [named(inModule('web', 'a.new'), inModule('web', 'a.conf'))];
    const [before, after] = [{}, { 'modules/web/files/a.new': '02' }].map((over) =>
      filesDigest(missing, lookUp(over)),
    );
    expect(before?.missing).toEqual([]);
    expect(after?.digest).not.toBe(before?.digest);
  });

  test('is the same in any order of the references, and of the tree', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(Object.entries(environment), { minLength: 8 }),
        fc.boolean(),
        (files, turned) => {
          const own = tree(Object.fromEntries(files));
          const { digest: shuffled } = filesDigest(turned ? all.toReversed() : all, {
            ...lookUp(),
            environment: own,
            modulepath: [{ tree: own, prefix: 'modules/' }, ...lookUp().modulepath.slice(1)],
          });
          expect(shuffled).toBe(digest({}));
        },
      ),
    );
  });

  test('finds in a folder exactly the files below it', () => {
    const part = fc.constantFrom('a', 'a.b', 'b', 'a-b', 'A', 'é');
    const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 12 }), path, (paths, folder) => {
        const own = tree(Object.fromEntries(paths.map((one) => [one, one])));
        const { files } = filesDigest([named({ in: 'environment', path: folder })], {
          environment: own,
          modulepath: [],
        });
        const below = own.has(folder) ? [folder] : paths.filter((one) => one.startsWith(`${folder}/`)).sort();
        expect(files).toEqual(below.length === 0 ? [[folder, 'missing']] : below.map((one) => [one, one]));
      }),
    );
  });
});

test('a file is reported as missing only when none of several is there, with its place', () => {
  const { missing } = filesDigest(
    [
      named(inModule('web', 'none'), inModule('web', 'a.conf')),
      named(inModule('web', 'none'), inModule('none', '')),
      named({ in: 'environment', pathBegins: 'none' }),
    ],
    lookUp(),
  );
  expect(missing).toEqual([
    {
      resource: 'File[x]',
      file: 'site.pp',
      line: 1,
      addresses: ['puppet:///modules/web/none', 'puppet:///modules/none'],
    },
  ]);
});
