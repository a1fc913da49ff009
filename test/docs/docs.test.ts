import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../cli/stage-process.ts';
import { exitCode } from '../../src/lib/errors.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { knownKeys } from '../../src/nodes/shape.ts';
import { demoSteps } from '../../src/local-cloud/demo/steps.ts';
import { blocksOf, codeOf, type Page, pages, proseOf, readPage } from './pages.ts';

const readme = readPage('README.md');

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
const anchorsOf = (page: Page) =>
  [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
/** The links of a page that lead to another place of the project: a file from the root, and an anchor in it. */
const linksOf = (page: Page) =>
  [...proseOf(page).matchAll(/\]\(([^)]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [file = '', anchor] = link.split('#');
      return { link, file: file === '' ? page.path : normalize(join(dirname(page.path), file)), anchor };
    });
const foldersOf = (path: string) =>
  readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

test('README has fewer than 150 lines', () => {
  expect(readme.text.trimEnd().split('\n').length).toBeLessThan(150);
});

test('README links each page of docs/', () => {
  const linked = new Set(linksOf(readme).map(({ file }) => file));
  const ofDocs = pages.map(({ path }) => path).filter((path) => path.startsWith('docs/'));
  expect(ofDocs.filter((path) => !linked.has(path))).toEqual([]);
});

test.each(pages)('$path has only links that lead to a file, and to a heading where they name one', (page) => {
  const broken = linksOf(page).filter(({ file, anchor }) => {
    if (!existsSync(join(root, file))) return true;
    return anchor !== undefined && !anchorsOf(readPage(file)).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test.each(pages.filter(({ path }) => path !== 'CHANGELOG.md'))(
  '$path names only files and folders that exist',
  (page) => {
    const named = [...codeOf(page), ...blocksOf(page)].flatMap((code) =>
      [...code.matchAll(/(?<![\w./-])(?:src|test|templates|jobs|docs)\/[\w./-]*[\w/](?![\w*<…])/g)].map(
        ([path]) => path,
      ),
    );
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  },
);

test.each(['CONTRIBUTING.md', 'docs/architecture.md'])('%s names each folder of src/', (path) => {
  const named = codeOf(readPage(path)).join('\n');
  const isNamed = (folder: string) => named.includes(`src/${folder}/`);
  expect(foldersOf('src').filter((folder) => !isNamed(folder))).toEqual([]);
});

test.each(['CONTRIBUTING.md', 'docs/architecture.md'])(
  '%s names no folder in a folder that is not there',
  (path) => {
    const rows = [...readPage(path).text.matchAll(/^\| `(src\/[\w-]+\/)` \|(.*)$/gm)];
    const inner = rows.flatMap(([, folder = '', text = '']) =>
      [...text.matchAll(/`([\w-]+\/)`/g)].map(([, name = '']) => `${folder}${name}`),
    );
    expect(inner.filter((folder) => !existsSync(join(root, folder)))).toEqual([]);
  },
);

test('docs/architecture.md names each folder in a folder of src/, and docs/local-cloud.md those of the local cloud', () => {
  const missing = foldersOf('src').flatMap((folder) => {
    const [page, prefix] =
      folder === 'local-cloud' ? ['docs/local-cloud.md', ''] : ['docs/architecture.md', `src/${folder}/`];
    const named = codeOf(readPage(page));
    return foldersOf(`src/${folder}`)
      .map((inner) => `${prefix}${inner}/`)
      .filter((path) => !named.includes(path));
  });
  expect(missing).toEqual([]);
});

test('the quick start of README shows steps of npm start, in their sequence', () => {
  const steps = demoSteps([], 'redis', '/var/lib/bakehouse/scratch/environment').flatMap((step) => [
    `# ${step.why}`,
    ...('stage' in step ? [`$ node --import tsx src/${step.stage}.ts ${step.args.join(' ')}`.trimEnd()] : []),
  ]);
  const start = blocksOf(readme).find((block) => block.includes(steps[0] ?? '')) ?? '';
  const shown = start.split('\n').filter((line) => /^[#$] /.test(line)).map((line) => line.trimEnd()); // prettier-ignore
  let from = 0;
  const inSequence = shown.filter((line) => {
    const at = steps.indexOf(line, from);
    if (at >= 0) from = at + 1;
    return at >= 0;
  });
  expect(shown.length).toBeGreaterThanOrEqual(6);
  expect(inSequence).toEqual(shown);
});

/** What stands in the first column of the table below a heading. */
function firstColumn(path: string, heading: string): string[] {
  const [, section = ''] = readPage(path).text.split(`\n${heading}\n`);
  const [, rows = ''] = /^\|[^\n]*\n\| ---.*\n((?:\|.*\n)+)/m.exec(section) ?? [];
  return [...rows.matchAll(/^\| `?([^|`]+?)`? \|/gm)].map(([, cell = '']) => cell);
}

test.each(['README.md', 'docs/nodes-yaml.md'])('%s shows a nodes.yaml without a problem', (path) => {
  const shown = [...readPage(path).text.matchAll(/^```yaml\n([^]*?)^```/gm)].map(([, text = '']) => text);
  expect(shown).not.toEqual([]);
  const none = () => ({ text: '' });
  for (const text of shown)
    expect(parseNodes(text, path, none)).toMatchObject({ problems: [], warnings: [] });
});

test('docs/nodes-yaml.md has each key of a node', () => {
  expect(firstColumn('docs/nodes-yaml.md', '## Keys').sort()).toEqual([...knownKeys].sort());
});

test('docs/jenkins.md has each job that jobs/ makes', () => {
  const made = readdirSync(join(root, 'jobs')).filter((name) => name.endsWith('.groovy'));
  const names = made.map((name) => name.replace('.groovy', '').replaceAll('_', '-'));
  expect(firstColumn('docs/jenkins.md', '## The jobs').sort()).toEqual(names.sort());
});

test('README has each exit code', () => {
  const codes = firstColumn('README.md', '## Exit codes').flatMap((cell) => cell.split(', ').map(Number));
  expect(codes).toEqual(Object.values(exitCode));
});

test('docs/groovy-harness.md names each file of the two programs, and no other', () => {
  const files = ['harness', 'job-dsl'].flatMap((folder) => readdirSync(join(root, 'test/jenkins', folder)));
  const named = codeOf(readPage('docs/groovy-harness.md'));
  const isNamed = (file: string) => named.some((code) => code === file || code === file.split('.')[0]);
  expect(files.filter((file) => !isNamed(file))).toEqual([]);
  expect(named.filter((code) => /^\w+\.groovy$/.test(code) && !files.includes(code))).toEqual([]);
});
