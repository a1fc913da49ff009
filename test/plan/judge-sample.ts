import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tag } from '../../src/aws/tags.ts';
import { loadNodes } from '../../src/nodes/load-nodes.ts';
import { digestOf } from '../../src/plan/digest.ts';
import { judgeRevision, offlineSource } from '../../src/plan/judge-revision.ts';
import { compileDeps } from '../../src/plan/plan.ts';
import { optionalKeys } from '../../src/generate/pack-settings.ts';
import type { Change } from './mutations/change.ts';
import { SampleFolder } from './sample-folder.ts';

const nodesOfInterest = ['redis', 'web', 'app'];

/** Judges copies of the sample as plan does, with the real Puppet, and one cache for all of them: it must not mislead. */
export class Judge {
  readonly #cache = mkdtempSync(join(tmpdir(), 'bakehouse-cache-'));

  /** The digests of a copy that was changed, by node; a node that has none is a failure of the test. */
  async digests(...changes: readonly Change[]): Promise<Map<string, string>> {
    const sample = new SampleFolder();
    try {
      for (const change of changes) change(sample);
      const nodes = await loadNodes(sample.at('nodes.yaml'), [], () => undefined);
      const revision = {
        nodes: nodes.filter(({ name }) => nodesOfInterest.includes(name)),
        optional: optionalKeys(nodes),
        manifests: sample.at('environment'),
        template: sample.at('templates/packer.json.mustache'),
        facts: sample.at('facts'),
      };
      const flags = {
        puppet: undefined,
        cache: this.#cache,
        out: 'plan.json',
        reports: 'reports',
        parallel: 1,
        'compile-timeout': 60_000,
      };
      const deps = await compileDeps(flags, { say: () => undefined, signal: new AbortController().signal });
      const judged = await judgeRevision(revision, { ...deps, tag, source: offlineSource });
      return new Map(
        judged.nodes.map(({ node, inputs, failures, findings }) => {
          if (inputs === undefined || findings.length > 0)
            throw new Error(`${node.name}: ${JSON.stringify([...failures, ...findings])}`);
          return [node.name, digestOf(inputs)];
        }),
      );
    } finally {
      sample.throwAway();
    }
  }

  end(): void {
    rmSync(this.#cache, { recursive: true, force: true });
  }
}

/** The nodes whose digests differ. */
export function differing(before: Map<string, string>, after: Map<string, string>): string[] {
  return nodesOfInterest.filter((node) => before.get(node) !== after.get(node));
}
