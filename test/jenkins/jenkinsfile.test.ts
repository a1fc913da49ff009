import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  const buildFile = {
    schema: 1,
    name: 'name',
    description: 'all of it',
    bake: nodes,
    lock: nodes,
    cleanupLocks: nodes.map((node) => `bakehouse-${node}`),
    parallel: 2,
  };
  const node = `#!/bin/sh -e
    if test -e "$BAKING.over" -a -n "$BREAK"; then echo 'no network' >&2; exit 1; fi
    mkdir -p dist
    cp "$BAKING.program" dist/bakehouse.js
  `;
  const program = `#!/bin/sh -e
    case "$2" in
      report) mkdir -p results/site; echo '<p>pages</p>' > results/site/index.html; exit \${PAGES:-0} ;;
      fan-out | summary) echo '${JSON.stringify(buildFile)}' > build.json ;;
      build)
        touch "$BAKING/$BAKEHOUSE_NODE"
        # Until a second node is baked, where a second executor is free.
        for moment in $WAIT; do test $(ls "$BAKING" | wc -l) -ge 2 && break; sleep 0.1; done
        ls "$BAKING" | wc -l >> "$BAKING.seen"
        sleep 0.2
        rm "$BAKING/$BAKEHOUSE_NODE"
        test -n "$ALL" -o "$BAKEHOUSE_NODE" != c ;;
      cleanup) touch "$BAKING.over" ;;
      verify) mkdir -p "reports/$BAKEHOUSE_NODE"; echo "$BAKEHOUSE_NODE" > "reports/$BAKEHOUSE_NODE/verify.json"
        test -n "$ALL" -o "$BAKEHOUSE_NODE" != c ;;
    esac
  `;
  for (const [file, text] of [
    [join(bin, 'node'), node],
    [join(bin, 'npm'), '#!/bin/sh\nmkdir -p node_modules/.bin\n'],
    [`${baking}.program`, program],
  ] as const) {
    writeFileSync(file, text);
    chmodSync(file, 0o755);
  }
  env = { PATH: `${bin}:${process.env.PATH ?? ''}`, BAKING: baking };
});
afterAll(async () => {
  await site.stop();
});

/** A build on one agent, in a job and a workspace of its own. */
async function build(
  name: string,
  executors: number,
  more: Record<string, string>,
  parameters: Record<string, string> = {},
) {
  for (const file of ['seen', 'over']) rmSync(join(site.folder, `baking.${file}`), { force: true });
  const place = join(site.folder, `agent ${name}`);
  const agent = { name: 'agent', labels: ['bakehouse'], executors, root: place, env: { ...env, ...more } };
  return site.build({
    job: name,
    parameters,
    agents: [agent],
    scm: { url, branch: 'main' },
    plugins: ['lockable-resources', 'timestamper'],
  });
}

test.each([
  ['one executor in all', 1, 1],
  ['more executors than nodes may be baked at a time', 4, 2],
])('bakes with %s, gathers all reports, and one failure stops nobody', async (_, executors, atATime) => {
  const moments = Array.from({ length: 30 }, (__, moment) => moment).join(' ');
  const end = await build(`job-${String(executors)}`, executors, executors > 1 ? { WAIT: moments } : {});
  expect(end).toMatchObject({ result: 'FAILURE', harnessError: null, rejected: [], branches: nodes });
  expect(end).toMatchObject({ displayName: 'name', description: 'all of it' });
  for (const node of nodes) {
    expect(shellSteps(end, node)).toEqual(['install', 'generate', 'build', 'verify']);
    expect(end.archived).toContain(`reports/${node}/verify.json`);
    expect(end.console).toContain(`Lock acquired on [bakehouse-${node}]`);
  }
  expect(shellSteps(end).slice(-6)).toEqual([
    'install',
    'cleanup',
    'install',
    'leftovers',
    'report',
    'summary',
  ]);
  const seen = readFileSync(join(site.folder, 'baking.seen'), 'utf8').trim().split(/\s+/).map(Number);
  expect(Math.max(...seen)).toBe(atATime);
});

test.each(['built-in', 'master', 'bakehouse || built-in', '!x', '-x', 'a\nb'])(
  'runs nothing at all where AGENT is %j, which may be the controller',
  async (AGENT) => {
    const end = await build('elsewhere', 1, {}, { AGENT });
    expect(end).toMatchObject({ result: 'FAILURE', harnessError: null, rejected: [] });
    expect(end.console).toContain('parameter AGENT is not the label of an agent');
    expect(shellSteps(end)).toEqual([]);
    expect(end.steps.map(({ step }) => step)).not.toContain('node');
  },
);

test('pages that could not be made whole are archived, and make the build unstable at the most', async () => {
  const end = await build('pages', 2, { PAGES: '4', ALL: 'yes' });
  expect(end).toMatchObject({
    result: 'UNSTABLE',
    harnessError: null,
    rejected: [],
    description: 'all of it',
  });
  expect(end.archived).toContain('site/index.html');
});

test('an installation that fails at the end loses neither the reports nor what follows it', async () => {
  const end = await build('broken', 1, { BREAK: 'yes' });
  expect(end.console).toContain('no network');
  expect(end).toMatchObject({
    result: 'FAILURE',
    harnessError: null,
    rejected: [],
    description: 'all of it',
  });
  expect(shellSteps(end).slice(-4)).toEqual(['install', 'leftovers', 'report', 'summary']);
  for (const node of nodes) expect(end.archived).toContain(`reports/${node}/verify.json`);
});
