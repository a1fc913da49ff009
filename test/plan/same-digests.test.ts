import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { tag } from '../../src/aws/tags.ts';
import { loadNodes } from '../../src/nodes/load-nodes.ts';
import { digestOf, inputsTag } from '../../src/plan/digest.ts';
import { type Compile, rememberedCatalogs } from '../../src/plan/node-catalogs.ts';
import { judgeRevision } from '../../src/plan/judge-revision.ts';
import { optionalKeys } from '../../src/generate/pack-settings.ts';
import type { CompiledCatalogs } from '../../src/puppet/catalogs/compile-catalogs.ts';
import { requestKey, restOf } from '../../src/puppet/catalogs/cached-compilations.ts';
import { openCompileCache } from '../../src/puppet/catalogs/compile-cache.ts';
import { readEnvironment } from '../../src/puppet/environment/read-environment.ts';
import { readTree, treeId } from '../../src/puppet/environment/read-tree.ts';
import { root } from '../cli/stage-process.ts';

/**
 * The digests that Bakehouse gave to the sample in November 2026. They never change without a new scheme in digest.ts:
 * another digest bakes every node of every team. What Puppet compiled is recorded, too, so that this needs no Puppet.
 */
const fixture = (name: string) => readFileSync(join(root, 'test/plan/fixtures', name), 'utf8');
const cache = mkdtempSync(join(tmpdir(), 'bakehouse-cache-'));
afterAll(() => {
  rmSync(cache, { recursive: true });
});

test.each(['compiled', 'remembered'])('the sample has the digests that it had before, %s', async () => {
  const manifests = join(root, 'test/plan/sample/environment');
  const nodes = await loadNodes(join(root, 'test/plan/sample/nodes.yaml'), [], () => undefined);
  const compile: Compile = (folder) => {
    const text = fixture('compilations.json').replaceAll('ENVIRONMENT', folder);
    return Promise.resolve(JSON.parse(text) as CompiledCatalogs);
  };
  const judged = await judgeRevision(
    {
      nodes,
      optional: optionalKeys(nodes),
      manifests,
      template: join(root, 'test/plan/fixtures/template/packer.json.mustache'),
      facts: join(root, 'test/plan/sample/facts'),
    },
    {
      tag,
      puppetVersion: '7.23.0',
      readTree: (folder) => readEnvironment(folder, []),
      source: () => Promise.resolve({ id: 'ami-0123456789abcdef0', name: 'debian-12-amd64-20260101-1' }),
      catalogs: rememberedCatalogs({
        compile,
        readTree,
        open: (kind, key, summary) =>
          openCompileCache({
            folder: cache,
            key: `${kind} ${key}`,
            summary,
            warn: (line) => {
              throw new Error(line);
            },
            now: Date.now,
          }),
      }),
    },
  );
  const { tree } = judged.manifests;
  expect({
    environment: { tree: treeId(tree), withoutData: restOf(tree, ['data/']) },
    nodes: Object.fromEntries(
      judged.nodes.map(({ node, request, inputs }) => {
        if (inputs === undefined) throw new Error(`${node.name} has no inputs`);
        const made = { inputs, digest: digestOf(inputs), tag: inputsTag(inputs) };
        return [node.name, { compiledWith: requestKey(request), ...made }];
      }),
    ),
  }).toEqual(JSON.parse(fixture('digests.json')));
});
