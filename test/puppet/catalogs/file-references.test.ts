import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { fc } from '../../runs.ts';
import type { Catalog, Json } from '../../../src/puppet/catalogs/catalog.ts';
import { fileReferences, referenceText } from '../../../src/puppet/catalogs/file-references.ts';
import { catalogs } from './arbitrary-catalog.ts';

const catalog = (type: string, parameters: Record<string, Json>): Catalog => ({
  resources: [{ type, title: 'x', parameters, exported: false, file: 'manifests/site.pp', line: 3 }],
  edges: [],
});
const references = (type: string, parameters: Record<string, Json>) =>
  fileReferences(catalog(type, parameters), 'production');
const bake = '/var/lib/bakehouse-bake/environments/production';

/** What `Puppet::Indirector::Request` of Puppet 7.23 makes of each, and its file server of that. */
describe('an address of the file server is read as Puppet reads it', () => {
  test.each([
    ['puppet:///modules/web/a/b.conf', 'web', 'a/b.conf'],
    ['puppet:///modules/web', 'web', ''],
    ['puppet:///modules/web/', 'web', ''],
    ['puppet:///modules/web/a/', 'web', 'a'],
    ['puppet:///modules//web//a', '', ''],
    ['puppet:///modules/web//a///b', 'web', 'a/b'],
    ['puppet:///modules/web/./a', 'web', 'a'],
    ['puppet:///modules/web/a%20b', 'web', 'a%20b'],
    ['puppet:///modules/web/%2e%2e/b', 'web', '%2e%2e/b'],
    ['puppet:///modules/web/a b', 'web', 'a b'],
    ['puppet:///modules/web/é', 'web', 'é'],
    ['puppet:///modules/web/a?b=c', 'web', 'a'],
    ['puppet:///modules/web/a#b', 'web', 'a#b'],
    ['puppet:///modules/web/a?b#c', 'web', 'a'],
    ['puppet:/modules/web/a', 'web', 'a'],
    ['PUPPET:///modules/web/a', 'web', 'a'],
    ['puppet://:8140/modules/web/a', 'web', 'a'],
  ])('%s', (source, module, path) => {
    const { named, findings } = references('File', { source });
    if (module === '') expect([named.length, findings[0]?.kind]).toEqual([0, 'file-mount']);
    else expect([named[0]?.anyOf, findings]).toEqual([[{ in: 'module', module, path }], []]);
  });

  test.each([
    ['puppet:///plugins/x.rb', "is on the mount 'plugins', of which only the file server knows"],
    ['puppet:///web/a', "is on the mount 'web', of which only the file server knows"],
    ['puppet:////modules/web/a', "is on the mount '', of which only the file server knows"],
    ['puppet://files.example/modules/web/a', 'is on the server files.example'],
    ['puppet:///modules', 'names no module'],
    ['puppet:///modules/web/../base/a', "has '..' in its path, which Puppet refuses"],
  ])('%s cannot be judged', (source, why) => {
    expect(references('File', { source })).toEqual({
      named: [],
      findings: [
        {
          kind: 'file-mount',
          what: `File[x] takes ${source}, which ${why}`,
          file: 'manifests/site.pp',
          line: 3,
        },
      ],
    });
  });
});

describe('the files that a catalog names', () => {
  test('are also those of other types, in lists and hashes', () => {
    const { named } = references('Archive', {
      sources: [{ a: 'puppet:///modules/a/1' }, ['puppet:///modules/a/2'], 'x puppet:///modules/a/3'],
    });
    expect(named).toEqual([
      {
        resource: 'Archive[x]',
        anyOf: [
          { in: 'module', module: 'a', path: '1' },
          { in: 'module', module: 'a', path: '2' },
        ],
        file: 'manifests/site.pp',
        line: 3,
      },
    ]);
  });

  test.each([
    [`${bake}/modules/web/files/a`, 'modules/web/files/a'],
    [`${bake}//modules/./web/../web/files/a/`, 'modules/web/files/a'],
    [`file://${bake}/data/a`, 'data/a'],
    [bake, ''],
  ])('are also those below the environment: %s', (source, path) => {
    expect(references('File', { source }).named[0]?.anyOf).toEqual([{ in: 'environment', path }]);
  });

  test.each([
    '/etc/skel',
    `${bake}2/a`,
    '/var/lib/bakehouse-bake/environments',
    'file:///etc/skel',
    `${bake}/../x`,
  ])('are none for %s, which lies on the machine', (source) => {
    expect(references('File', { source })).toEqual({ named: [], findings: [] });
  });

  test.each([
    [`cp ${bake}/modules/web/files/a /b`, ['modules/web/files/a']],
    [`cat '${bake}/a' "${bake}/b/"*`, ['a', 'b']],
    [`ls ${bake}`, ['']],
    [`ls ${bake}2/x`, []],
  ])('may be meant by a command: %s', (command, begins) => {
    const found = references('Exec', { command }).named.flatMap(({ anyOf }) => anyOf);
    expect(found).toEqual(begins.map((pathBegins) => ({ in: 'environment', pathBegins })));
  });

  test('are named once where the sample environment names one', () => {
    const web = JSON.parse(
      readFileSync(new URL('../fixtures/web-catalog.json', import.meta.url), 'utf8'),
    ) as Catalog;
    const { named, findings } = fileReferences(web, 'production');
    expect(named.map(({ resource, anyOf }) => [resource, anyOf.map(referenceText)])).toEqual([
      ['File[/var/www/html/index.html]', ['puppet:///modules/web/index.html']],
    ]);
    expect(findings).toEqual([]);
  });

  test('can be read out of any catalog', () => {
    fc.assert(
      fc.property(catalogs, (one) => {
        expect(Array.isArray(fileReferences(one, 'production').named)).toBe(true);
      }),
    );
  });
});

describe('a source that cannot be looked at', () => {
  test('is a URL, unless its bytes are fixed', () => {
    const source = 'https://me:hunter2-x@files.example/app.deb';
    const [finding, ...others] = references('File', { source }).findings;
    expect(others).toEqual([]);
    expect(finding).toEqual({
      kind: 'url',
      what: 'File[x] takes https://me:[secret]@files.example/app.deb, which may bring other bytes at any time: give it a checksum_value',
      file: 'manifests/site.pp',
      line: 3,
    });
    expect(references('File', { source, checksum: 'sha256', checksum_value: '0a' }).findings).toEqual([]);
  });

  test('is a sensitive one', () => {
    const { findings } = references('File', { source: { __sensitive: '0a' } });
    expect(findings.map(({ kind, what }) => [kind, what])).toEqual([
      ['file-mount', 'File[x] has a source that is sensitive: what it names cannot be seen'],
    ]);
  });
});
