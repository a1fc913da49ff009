import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tag } from '../../src/aws/tags.ts';
import { loadNodes } from '../../src/nodes/load-nodes.ts';
import { inputsTag } from '../../src/plan/digest.ts';
import { offlineSource } from '../../src/plan/judge-revision.ts';
import type { PlanFile } from '../../src/plan/plan-file.ts';
import type { PlanImage } from '../../src/plan/decide.ts';
import { planStage } from '../../src/plan/plan-stage.ts';
import { compileDeps } from '../../src/plan/plan.ts';
import { Repository } from '../puppet/environment/repository.ts';
import { shareOf } from '../runs.ts';
import { imageOf } from './nodes.ts';
import { copySample } from './sample-folder.ts';

/** The whole stage over the sample, with the real git and Puppet; of EC2 only the images are given. */

const repository = new Repository();
const outputs = mkdtempSync(join(tmpdir(), 'bakehouse-plans-'));
const at = (name: string) => join(repository.path, name);
let commit = '';

beforeAll(() => {
  // As agents share it; else each cache folder has a key of its own for what is sensitive.
  process.env.BAKEHOUSE_DIGEST_KEY = 'a key for this test';
  copySample(repository.path);
  commit = repository.commit();
});
afterAll(() => {
  Reflect.deleteProperty(process.env, 'BAKEHOUSE_DIGEST_KEY');
  repository.remove();
  rmSync(outputs, { recursive: true });
});

let plans = 0;

/** A plan of these images: the plan's file without its time, and how many catalogs were compiled. */
async function planned(
  images: PlanImage[],
  { nodes = at('nodes.yaml'), cache = 'one', parallel = 1 } = {},
): Promise<{ file: Omit<PlanFile, 'createdAt'>; compiled: number }> {
  plans += 1;
  const out = join(outputs, `${plans}.json`);
  const reports = join(outputs, 'reports');
  let compiled = 0;
  const say = (line: string) => {
    compiled += Number(/^plan: compiling (\d+)/.exec(line)?.[1] ?? 0);
  };
  const flags = {
    puppet: undefined,
    cache: join(outputs, cache),
    out,
    reports,
    parallel,
    'compile-timeout': 60_000,
  };
  const deps = await compileDeps(flags, { say, signal: new AbortController().signal });
  const files = { nodes, manifests: at('environment'), facts: at('facts'), out };
  const mode = { offline: false, since: undefined, diff: undefined, markdown: false, force: false };
  await planStage(
    { ...files, ...mode, json: false, node: [], template: at('templates/packer.json.mustache') },
    {
      ...deps,
      tag,
      say,
      connect: () =>
        Promise.resolve({
          region: 'us-east-1',
          now: () => new Date(Date.UTC(2026, 0, 2, 12, 0, plans)),
          images: () => Promise.resolve(images),
          source: offlineSource,
        }),
      loadNodes: (file) => loadNodes(file, [], () => undefined),
      select: (all) => all,
      writeJunit: () => Promise.resolve(),
      waiting: () => Promise.resolve(new Map()),
    },
  );
  const { createdAt, ...file } = JSON.parse(readFileSync(out, 'utf8')) as PlanFile;
  expect(createdAt).toMatch(/^2026-01-02T12:00/);
  return { file, compiled };
}

/** Verified images of the commit, by a plan of it, with the tags that build gives them. */
function imagesOf({ nodes }: Pick<PlanFile, 'nodes'>, ...names: string[]): PlanImage[] {
  return nodes.flatMap(({ node, inputs, record = '' }) =>
    inputs === undefined || !names.includes(node)
      ? []
      : [
          {
            ...imageOf({ node, id: `ami-${node}`, sourceAmi: undefined }, inputs),
            inputs: `${inputsTag(inputs)} ${record}`,
            commit,
          },
        ],
  );
}

const module = 'environment/modules/redis/manifests/init.pp';

/** Runs with a redis that is another than the commit's. */
async function withOtherRedis<T>(use: () => Promise<T>): Promise<T> {
  const text = readFileSync(at(module), 'utf8');
  writeFileSync(at(module), text.replace(/\}\s*$/, "  file { '/etc/other': ensure => file }\n}\n"));
  try {
    return await use();
  } finally {
    writeFileSync(at(module), text);
  }
}

test('a node that waits for its bake is not compiled again at each plan, and the plan says the same of it', async () => {
  const first = await planned([]);
  expect([first.compiled, first.file.bake]).toEqual([3, ['redis', 'web', 'app']]);
  const images = imagesOf(first.file, 'redis', 'web', 'app');
  expect((await planned(images)).file.bake).toEqual([]);
  await withOtherRedis(async () => {
    const waiting = await planned(images);
    expect(waiting.file.bake).toEqual(['redis']);
    expect(waiting.file.nodes[0]?.reasons).toMatchObject([
      { kind: 'differs', lines: ['File[/etc/other] is new'] },
    ]);
    expect(waiting.compiled).toBeGreaterThan(0);
    const again = await planned(images);
    expect(again.compiled).toBe(0);
    expect(again.file).toEqual(waiting.file);
  });
});

test('the same nodes and manifests give the same plan, whatever the order, the cache and the number of processes', async () => {
  const images = imagesOf((await planned([])).file, 'redis', 'web');
  const request = (file: Omit<PlanFile, 'createdAt'>) => ({
    ...file,
    bake: file.bake.toSorted(),
    nodes: file.nodes.toSorted((a, b) => (a.node < b.node ? -1 : 1)),
  });
  const reversed = readFileSync(at('nodes.yaml'), 'utf8').replace(/^( {2}redis:\n.*\n)([^]*)$/m, '$2$1');
  expect(reversed).toMatch(/web:[^]*app:[^]*redis:/);
  // Beside the repository: a file in it would make its state another.
  writeFileSync(join(outputs, 'reversed.yaml'), reversed);
  const [forward, backward] = [at('nodes.yaml'), join(outputs, 'reversed.yaml')];
  // The first two differ in all three, and one has compiled nothing yet: that is enough for a commit.
  const variants = [
    { nodes: forward, cache: 'one', parallel: 1 },
    { nodes: backward, cache: 'other', parallel: 2 },
    { nodes: backward, cache: 'one', parallel: 1 },
    { nodes: forward, cache: 'other', parallel: 2 },
  ].slice(0, Math.max(2, shareOf(4)));
  const results: Omit<PlanFile, 'createdAt'>[] = [];
  await withOtherRedis(async () => {
    for (const options of variants) results.push((await planned(images, options)).file);
  });
  const [first] = results;
  if (first === undefined) throw new Error('there is no plan');
  expect(first.bake).toEqual(['redis', 'app']);
  expect(first.nodes.map(({ action }) => action)).toEqual(['bake', 'skip', 'bake']);
  for (const result of results) expect(request(result)).toEqual(request(first));
  const [there, back] = [
    ['redis', 'app'],
    ['app', 'redis'],
  ];
  expect(results.map(({ bake }) => bake)).toEqual([there, back, back, there].slice(0, variants.length));
}, 240_000);

test('a deploy bakes its node only, with the changed fact as the reason; the plan after its bake skips it', async () => {
  const deploy = (version: string) => {
    commit = repository.commit({ 'deploys/web.yaml': `# Of the deploy job.\nversion: ${version}\n` });
  };
  const edit = (file: string, from: string, to: string) => {
    repository.write({ [file]: readFileSync(at(file), 'utf8').replace(from, to) });
  };
  edit('nodes.yaml', '    size: t3.medium', '    size: t3.medium\n    facts_from: deploys/web.yaml');
  const use = "include web\n  file { '/etc/version': content => $facts['version'] }";
  edit('environment/manifests/site.pp', 'include web', use);
  deploy('1.4.1');
  const first = await planned([]);
  const images = imagesOf(first.file, 'redis', 'web', 'app');
  expect((await planned(images)).file.bake).toEqual([]);

  deploy('1.4.2');
  const second = await planned(images);
  expect(second.file.bake).toEqual(['web']);
  expect(second.file.nodes[1]?.reasons).toEqual([
    {
      kind: 'differs',
      image: 'ami-web',
      causes: [
        expect.objectContaining({ input: 'catalog' }),
        expect.objectContaining({
          input: 'pack',
          change: { facts: [{ fact: 'version', was: '1.4.1', is: '1.4.2' }], template: false },
        }),
      ],
      // The catalog of the commit was compiled with the facts of the commit.
      lines: ['File[/etc/version] content: "1.4.1" → "1.4.2"'],
      text: 'fact version 1.4.1 → 1.4.2, catalog changed since image ami-web',
    },
  ]);
  const baked = images.filter(({ node }) => node !== 'web');
  expect((await planned([...baked, ...imagesOf(second.file, 'web')])).file.bake).toEqual([]);
});
