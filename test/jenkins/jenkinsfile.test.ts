import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSite, shellSteps, type Site } from '../e2e/jenkins-site.ts';

/** What the Jenkinsfile itself does, with a stand-in for the stages: who runs where, and how many at a time. */

const nodes = ['a', 'b', 'c', 'd'];
let site: Site;
let url: string;
let env: Record<string, string>;

beforeAll(async () => {
  site = await openSite({});
  url = await site.project('project', () => undefined);
  const bin = join(site.folder, 'bin');
  const baking = join(site.folder, 'baking');
  for (const folder of [bin, baking]) mkdirSync(folder);
  const told = { schema: 1, name: 'name', description: 'told', bake: nodes, lock: nodes, parallel: 2 };
  const stages = `#!/bin/sh -e
    case "$2" in
      fan-out | summary) echo '${JSON.stringify(told)}' > build.json ;;
      build)
        touch "$BAKING/$BAKEHOUSE_NODE"
        ls "$BAKING" | wc -l >> "$BAKING.seen"
        sleep 0.2
        rm "$BAKING/$BAKEHOUSE_NODE"
        test "$BAKEHOUSE_NODE" != c ;;
      verify) mkdir -p "reports/$BAKEHOUSE_NODE"; echo "$BAKEHOUSE_NODE" > "reports/$BAKEHOUSE_NODE/verify.json"
        test "$BAKEHOUSE_NODE" != c ;;
    esac
  `;
  for (const [name, text] of [
    ['node', stages],
    ['npm', '#!/bin/sh\nmkdir -p node_modules\n'],
  ] as const) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  env = { PATH: `${bin}:${process.env.PATH ?? ''}`, BAKING: baking };
}, 60_000);
afterAll(async () => {
  await site.stop();
});

test.each([
  ['one executor in all', 1],
  ['more executors than nodes may be baked at a time', 4],
])('bakes with %s, gathers all reports, and one failure stops nobody', async (_, executors) => {
  const agent = {
    name: 'agent',
    labels: ['bakehouse'],
    executors,
    root: join(site.folder, `agent ${String(executors)}`),
    env,
  };
  const end = await site.build({
    job: `job-${String(executors)}`,
    agents: [agent],
    scm: { url, branch: 'main' },
    plugins: ['lockable-resources', 'timestamper'],
  });
  expect(end).toMatchObject({ result: 'FAILURE', harnessError: null, rejected: [], branches: nodes });
  expect(end).toMatchObject({ displayName: 'name', description: 'told' });
  for (const node of nodes) {
    expect(shellSteps(end, node)).toEqual(['install', 'generate', 'build', 'verify']);
    expect(end.archived).toContain(`reports/${node}/verify.json`);
    expect(end.console).toContain(`Lock acquired on [bakehouse-${node}]`);
  }
  expect(shellSteps(end).slice(-5)).toEqual(['install', 'cleanup', 'install', 'reap', 'summary']);
  const seen = readFileSync(join(site.folder, 'baking.seen'), 'utf8').trim().split(/\s+/).map(Number);
  expect(Math.max(...seen)).toBeLessThanOrEqual(2);
});
