import { describe, expect, test } from '@jest/globals';
import { fc } from '../../runs.ts';
import type { Catalog, Json } from '../../../src/puppet/catalogs/catalog.ts';
import { compareCatalogs } from '../../../src/puppet/catalogs/compare-catalogs.ts';
import { differenceMarkdown } from '../../../src/puppet/catalogs/difference-text.ts';
import { redactor } from '../../../src/puppet/report/secrets.ts';
import { text } from './arbitrary-catalog.ts';

const redact = redactor([]);
const catalog = (files: Record<string, Record<string, Json>>): Catalog => ({
  resources: Object.entries(files).map(([title, parameters]) => ({
    type: 'File',
    title,
    parameters,
    exported: false,
    file: 'modules/a_b/init.pp',
    line: 3,
  })),
  edges: [],
});
const markdown = (before: Catalog, after: Catalog, nodes = ['web']) =>
  differenceMarkdown([{ nodes, differences: compareCatalogs(before, after) }], redact);

test('differences read well in a comment', () => {
  const before = catalog({ '/a': { content: 'x\ny\n' }, '/b': {} });
  const after = catalog({ '/a': { content: 'x\nz\n', mode: '0600' } });
  expect(markdown(before, after, ['db', 'web'])).toBe(`### 2 nodes: <code>db</code>, <code>web</code>

<details><summary><code>File&#91;/a&#93;</code> changed (<code>modules/a&#95;b/init.pp:3</code>)</summary>

\`\`\`diff
 content:
@@ -1,2 +1,2 @@
 x
-y
+z
 mode: "0600" (new)
\`\`\`

</details>

<code>File&#91;/b&#93;</code> gone (<code>modules/a&#95;b/init.pp:3</code>)

`);
  expect(differenceMarkdown([], redact)).toBe('The catalogs do not differ.\n');
});

describe('content cannot break out', () => {
  test.each([
    ['backticks', 'a\n```\n</details>\n<img src=x>\n', '````diff'],
    ['more of them', '``````\n', '```````diff'],
  ])('by %s', (_, content, fence) => {
    const shown = markdown(catalog({ '/a': {} }), catalog({ '/a': { content } }));
    expect(shown).toContain(`\n${fence}\n content:\n`);
  });

  test('by anything: only our own lines stand outside the fences', () => {
    fc.assert(
      fc.property(text, text, text, (title, name, value) => {
        const after: Catalog = {
          resources: [
            {
              type: 'File',
              title,
              exported: false,
              parameters: { x: 'y', [`p${name}`]: `${value}\n\`\`\`\n` },
            },
          ],
          edges: [],
        };
        const shown = markdown(catalog({}), after);
        const [, open = '', rest = ''] = /\n(`+)diff\n([^]*)$/.exec(shown) ?? [];
        const end = rest.indexOf(`\n${open}\n`);
        expect(rest.slice(end)).toBe(`\n${open}\n\n</details>\n\n`);
        expect(shown.slice(0, shown.length - rest.length)).toMatch(
          /^### <code>web<\/code>\n\n<details><summary><code>(?:[\w/.:, -]|\\n|&#\d+;)*<\/code> new<\/summary>\n\n`+diff\n$/,
        );
      }),
    );
  });
});

describe('a comment has a limit', () => {
  const files = (count: number, content: string) =>
    catalog(Object.fromEntries(Array.from({ length: count }, (_, at) => [`/${1_000 + at}`, { content }])));

  test('below which what does not fit is shown in short', () => {
    const shown = markdown(catalog({}), files(60, 'x'.repeat(100).concat('\n').repeat(59)));
    expect(shown.length).toBeLessThanOrEqual(60_000);
    expect(shown.match(/<details>/g)).toHaveLength(9);
    expect(shown.match(/<code>File/g)).toHaveLength(60);
    expect(shown).not.toContain('more resource');
  });

  test('and what has not even that is counted', () => {
    const shown = markdown(catalog({}), files(2_000, 'x\n'));
    expect(shown.length).toBeLessThanOrEqual(60_000);
    const shownCount = shown.match(/<code>File/g)?.length ?? 0;
    expect(
      shown.endsWith(`**${2_000 - shownCount} more resources differ**: not all fit into a comment.\n`),
    ).toBe(true);
    expect(shownCount).toBeGreaterThan(300);
  });

  test('of which the names of a thousand nodes take little', () => {
    const nodes = Array.from({ length: 1_000 }, (_, at) => `node-${at}`);
    const shown = markdown(catalog({}), files(1, 'x'), nodes);
    expect(shown).toMatch(/^### 1000 nodes: <code>node-0<\/code>,.*<code>node-19<\/code>, 980 more\n/);
  });
});
