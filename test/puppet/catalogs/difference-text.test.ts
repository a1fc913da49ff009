import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Catalog, Json } from '../../../src/puppet/catalogs/catalog.ts';
import { compareCatalogs } from '../../../src/puppet/catalogs/compare-catalogs.ts';
import { differenceLines, differenceText } from '../../../src/puppet/catalogs/difference-text.ts';
import { redactor } from '../../../src/puppet/report/secrets.ts';

const redact = redactor([/s3cr3t/gu]);
const web = () =>
  JSON.parse(readFileSync(new URL('../fixtures/web-catalog.json', import.meta.url), 'utf8')) as Catalog;
const parameters = (catalog: Catalog, title: string): Record<string, Json> =>
  catalog.resources.find((resource) => resource.title === title)?.parameters ?? {};

/** The sample web server, with a change of each kind. */
function changedWeb(): Catalog {
  const changed = web();
  const site = parameters(changed, '/etc/nginx/sites-available/default');
  site.content = (site.content as string).replace('listen 80 default_server', 'listen 8080 default_server');
  site.mode = '0600';
  delete site.group;
  const resources = changed.resources.filter(({ title }) => title !== '/var/www/html/index.html');
  const page = {
    type: 'File',
    title: '/var/www/html/page.html',
    parameters: { ensure: 'file', content: 'one\ntwo\n', require: ['Package[a]', 'Package[b]'] },
    exported: false,
    file: 'modules/web/manifests/init.pp',
    line: 21,
  };
  const edges = changed.edges
    .filter(({ target }) => target !== 'File[/var/www/html/index.html]')
    .map((edge) => (edge.target === 'Service[nginx]' ? { ...edge, source: 'Class[Base]' } : edge));
  return { resources: [...resources, page], edges };
}
const one = (before: Record<string, Json>, after: Record<string, Json>, title = '/a') => {
  const catalog = (of: Record<string, Json>): Catalog => ({
    resources: [{ type: 'File', title, parameters: of, exported: false }],
    edges: [],
  });
  return compareCatalogs(catalog(before), catalog(after));
};
const text = (...args: Parameters<typeof one>) =>
  differenceText([{ nodes: ['web'], differences: one(...args) }], redact);
const long = (end: string) => `${'a'.repeat(300)}${end}${'b'.repeat(300)}`;

test('differences read like a pull request', () => {
  expect(
    differenceText([{ nodes: ['db', 'web'], differences: compareCatalogs(web(), changedWeb()) }], redact),
  ).toBe(`2 nodes: db, web
  ~ File[/etc/nginx/sites-available/default] (modules/web/manifests/init.pp:11)
      content:
        @@ -1,5 +1,5 @@
         # Written by Puppet.
         server {
        -  listen 80 default_server;
        +  listen 8080 default_server;
           server_name web;
           root /var/www/html;
      group: "root" (gone)
      mode: "0644" → "0600"
  - File[/var/www/html/index.html] (modules/web/manifests/init.pp:20)
  + File[/var/www/html/page.html] (modules/web/manifests/init.pp:21)
      content:
        +one
        +two
      ensure: "file"
      require: ["Package[a]","Package[b]"]
  ~ Service[nginx] (modules/web/manifests/init.pp:29)
      now in Class[Base], no longer in Class[Web]
`);
});

test('groups stand apart, and none is said', () => {
  const differences = one({ a: 1 }, {});
  expect(
    differenceText(
      [
        { nodes: ['a'], differences },
        { nodes: ['b'], differences },
      ],
      redact,
    ),
  ).toBe('a\n  ~ File[/a]\n      a: 1 (gone)\n\nb\n  ~ File[/a]\n      a: 1 (gone)\n');
  expect(differenceText([], redact)).toBe('The catalogs do not differ.\n');
});

describe('a value is shown', () => {
  test.each<[string, Record<string, Json>, Record<string, Json>, string[]]>([
    ['with its type', { a: '1' }, { a: 1 }, ['      a: "1" → 1']],
    [
      'with its controls spelled out',
      { a: 'x' },
      { a: '\u001b[31m\u202e\t' },
      ['      a: "x" → "\\u001b[31m\\u202e\\t"'],
    ],
    [
      'with its carriage returns',
      { a: 'x\n' },
      { a: 'x\r\n' },
      ['      a:', '        @@ -1,1 +1,1 @@', '        -x', '        +x\\r'],
    ],
    [
      'as lines with one that does not end',
      { a: 'x\n' },
      { a: 'x\ny' },
      [
        '      a:',
        '        @@ -1,1 +1,2 @@',
        '         x',
        '        +y',
        '        \\ No newline at end of file',
      ],
    ],
    [
      'from where it differs, when it is long',
      { a: long('X') },
      { a: long('Y') },
      [
        `      a: … ${'a'.repeat(20)}X${'b'.repeat(78)} … ${'b'.repeat(97)}" → … ${'a'.repeat(20)}Y${'b'.repeat(78)} … ${'b'.repeat(97)}"`,
      ],
    ],
    [
      'on several lines, when it is a long hash, in the order of its keys',
      { a: { z: 'z'.repeat(80), b: 1 } },
      { a: { z: 'z'.repeat(80), b: 2 } },
      [
        '      a:',
        '        @@ -1,4 +1,4 @@',
        '         {',
        '        -  "b": 1,',
        '        +  "b": 2,',
        `           "z": "${'z'.repeat(80)}"`,
        '         }',
      ],
    ],
    [
      'never when it is sensitive',
      { a: { __sensitive: '0a' } },
      { a: { __sensitive: '0b' } },
      ['      a: "[sensitive]", with another value'],
    ],
    [
      'never when a pattern finds it',
      { a: 'x s3cr3t' },
      { a: 'y s3cr3t' },
      ['      a: "x [secret]" → "y [secret]"'],
    ],
    [
      'never of a secret name',
      { password: 'one' },
      { password: 'two' },
      ['      password: "[secret]", with another value'],
    ],
    [
      'never of a secret name inside',
      { a: { api_key: 'o"ne', b: ['x'] } },
      { a: { api_key: 't"wo', b: ['y'] } },
      ['      a: {"api_key":"[secret]","b":["x"]} → {"api_key":"[secret]","b":["y"]}'],
    ],
    [
      'never as a key in a file',
      { content: 'x\n-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n' },
      { content: 'y\n-----BEGIN RSA PRIVATE KEY-----\nBBBB\n-----END RSA PRIVATE KEY-----\n' },
      ['      content:', '        @@ -1,2 +1,2 @@', '        -x', '        +y', '         [secret]'],
    ],
    [
      'as a list that reads like a text',
      { a: '[\n  1\n]\n' },
      { a: [1] },
      ['      a: reads the same, but is of another type'],
    ],
  ])('%s', (_, before, after, lines) => {
    expect(text(before, after).split('\n').slice(2, -1)).toEqual(lines);
  });

  test('never of a file that is named for a secret', () => {
    expect(text({ content: 'a', mode: '0600' }, { content: 'b', mode: '0644' }, '/etc/token')).toBe(
      'web\n  ~ File[/etc/token]\n      content: "[secret]", with another value\n      mode: "0600" → "0644"\n',
    );
  });

  test('in sixty lines at the most', () => {
    const content = Array.from({ length: 5_000 }, (_, at) => `line ${at}\n`).join('');
    const lines = text({}, { content }).split('\n');
    expect(lines.slice(-3)).toEqual(['        +line 59', '      … and 4940 more lines', '']);
  });

  test('as lines that go, when there is no such parameter any more', () => {
    expect(text({ content: 'a\nb' }, {})).toBe('web\n  ~ File[/a]\n      content:\n        -a\n        -b\n');
  });

  test('not at all when all of a very long text differs', () => {
    const many = (word: string) => Array.from({ length: 3_000 }, (_, at) => `${word} ${at}\n`).join('');
    expect(text({ content: many('x') }, { content: many('y') })).toContain(
      'content: differs in more lines than can be compared\n',
    );
  });
});

test('a title is shown on one line, without secrets', () => {
  expect(text({ a: 1 }, { a: 2 }, 'echo s3cr3t\nrm\u001b')).toContain(
    '  ~ File[echo [secret]\\nrm\\u001b]\n',
  );
});

describe('lines for a table', () => {
  test('name each parameter', () => {
    expect(differenceLines(compareCatalogs(web(), changedWeb()), redact)).toEqual([
      'File[/etc/nginx/sites-available/default] content: +1 -1 lines',
      'File[/etc/nginx/sites-available/default] group: "root" (gone)',
      'File[/etc/nginx/sites-available/default] mode: "0644" → "0600"',
      'File[/var/www/html/index.html] is gone',
      'File[/var/www/html/page.html] is new',
      'Service[nginx] is now in Class[Base], no longer in Class[Web]',
    ]);
  });

  test('are at most so many', () => {
    const differences = compareCatalogs(web(), changedWeb());
    expect(differenceLines(differences, redact, 6)).toHaveLength(6);
    expect(differenceLines(differences, redact, 3)).toEqual([
      'File[/etc/nginx/sites-available/default] content: +1 -1 lines',
      'File[/etc/nginx/sites-available/default] group: "root" (gone)',
      'and 4 more',
    ]);
  });
});
