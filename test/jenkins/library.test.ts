import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openSite, shellSteps, type Site } from '../e2e/jenkins-site.ts';
import { root } from '../cli/stage-process.ts';
import type { BuildWish } from './controller.ts';
import { libraryFile, libraryText } from './library.ts';

/** The pipeline without a copy of it, in a repository that has nothing but its package-lock.json; the program is a stand-in. */

const pages = readFileSync(join(root, 'docs/jenkins.md'), 'utf8');
/** The block of Groovy of docs/jenkins.md that has these words. */
const documented = (words: string) =>
  [...pages.matchAll(/```groovy\n([^]*?)```/g)]
    .map(([, text = '']) => text)
    .find((text) => text.includes(words));

let site: Site;
let url: string;
let env: Record<string, string>;

/** Says what it is called with, and which settings reach it. */
const program = `#!/bin/sh -e
echo "bakehouse $* in $BAKEHOUSE_NODES and $BAKEHOUSE_MANIFESTS of $BAKEHOUSE_BRANCH, KEEP=$KEEP"
test "$1" != "$FAILS"
case "$1 $2" in
  'jenkins fan-out' | 'jenkins summary')
    echo '{"schema": 1, "name": "n", "description": "d", "bake": ["a"], "lock": ["a"], "cleanupLocks": ["bakehouse-a"], "parallel": 1}' > build.json ;;
  plan*) echo '{}' > plan.json ;;
  verify* | 'jenkins verify') mkdir -p reports/a
    echo '<testsuite name="a"><testcase classname="a" name="File[/x]"/></testsuite>' > reports/a/junit.xml ;;
esac
`;
const npm = `#!/bin/sh -e
test "$1" = ci
echo "npm $*"
mkdir -p node_modules/.bin
test -n "$LACKS" || cp ../../program node_modules/.bin/bakehouse
`;

function writeProgram(file: string, text: string) {
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

beforeAll(async () => {
  site = await openSite({});
  url = await site.repository('team', (place) => {
    writeFileSync(join(place, 'package-lock.json'), '{}');
  });
  const bin = join(site.folder, 'bin');
  mkdirSync(bin);
  writeProgram(join(bin, 'npm'), npm);
  env = { PATH: `${bin}:${process.env.PATH ?? ''}` };
});
afterAll(async () => {
  await site.stop();
});

/** A build in a job and a workspace of its own. */
async function build(text: string, more: Partial<BuildWish> & { LACKS?: string; FAILS?: string } = {}) {
  const { LACKS = '', FAILS = '', ...wish } = more;
  const place = join(site.folder, `agent ${String(Math.random())}`);
  mkdirSync(join(place, 'workspace'), { recursive: true });
  writeProgram(join(place, 'program'), program);
  const agent = { name: 'agent', labels: ['bakehouse', 'linux'], root: place, env: { ...env, LACKS, FAILS } };
  return site.build({
    job: `job-${String(Math.random())}`,
    agents: [agent],
    scm: { url, branch: 'main' },
    libraries: { bakehouse: root },
    ...{ text, ...wish },
  });
}

describe('the step of the shared library', () => {
  test('is the Jenkinsfile and jobs/install.sh: npm run format writes it', () => {
    expect(readFileSync(libraryFile, 'utf8')).toBe(libraryText());
  });

  test('is a whole Jenkinsfile in the two lines of docs/jenkins.md, whose settings the stages get', async () => {
    const text = documented("@Library('bakehouse')") ?? '';
    expect(text.trim().split('\n')).toHaveLength(2);
    const end = await build(text);
    expect([end.result, end.console]).toEqual(['SUCCESS', expect.anything()]);
    expect(end).toMatchObject({ harnessError: null, rejected: [], branches: ['a'], displayName: 'n' });
    expect(shellSteps(end, 'a')).toEqual(['install', 'generate', 'build', 'verify']);
    expect(shellSteps(end).slice(-6)).toEqual([
      'install',
      'cleanup',
      'install',
      'leftovers',
      'report',
      'summary',
    ]);
    expect(end.console).toContain('bakehouse jenkins plan in infra/nodes.yaml and puppet of main, KEEP=');
    expect(end.options).toMatchObject({ disableConcurrentBuilds: true, skipDefaultCheckout: true });
    // All parts had one workspace, in which package-lock.json stayed the same.
    expect(end.console.match(/^npm ci/gm)).toHaveLength(1);
    expect(end.archived).toContain('reports/a/junit.xml');
  });

  test('gives parameters their defaults, also in the first build of a job', async () => {
    const end = await build(
      "@Library('bakehouse') _\nbakehouse(branch: \"li${'v'}e\", agent: 'linux', keep: '7', promote: 'yes')",
    );
    expect([end.result, end.console]).toEqual(['SUCCESS', expect.anything()]);
    expect(end.console).toContain('jenkins cleanup in nodes.yaml and templates/environment of live, KEEP=7');
    const defaults = Object.fromEntries(end.parameters.map((one) => [one.name, one.defaultValue]));
    expect(defaults).toMatchObject({
      AGENT: 'linux',
      KEEP: '7',
      PARALLEL: '4',
      NODES: '',
      APPLY: false,
      PROMOTE: 'yes',
    });
  });

  test.each([
    [
      "bakehouse(node: 'x', nodes: 3, manifests: null)",
      'bakehouse: node is no argument; nodes is no text in quotes; manifests is no text in quotes; the arguments are agent, approvers, archive, awsCredentials, branch, keep,',
    ],
    ["bakehouse('infra/nodes.yaml')", "bakehouse: arguments have names, such as nodes: 'infra/nodes.yaml';"],
    ["bakehouse(nodes: ['a.yaml', 'b.yaml'])", 'bakehouse: nodes is no text in quotes;'],
  ])('starts nothing with %s', async (call, message) => {
    const end = await build(`@Library('bakehouse') _\n${call}`);
    expect(end).toMatchObject({ result: 'FAILURE', harnessError: null, rejected: [] });
    expect(end.console).toContain(`ERROR: ${message}`);
    expect(end.steps.map(({ step }) => step)).toEqual(['error']);
  });

  test('has the arguments that docs/jenkins.md names', () => {
    const table = /\| argument \|[^]*?\n\n/.exec(pages)?.[0] ?? '';
    const named = table.split('\n').flatMap((row) => row.split('|')[1]?.match(/(?<=`)\w+(?=`)/g) ?? []);
    const settings = /Map settings = \[([^]*?)\n {2}\]/.exec(libraryText())?.[1] ?? '';
    const known = [...settings.matchAll(/(\w+): '/g)].map(([, name = '']) => name);
    expect(named.sort()).toEqual(known.sort());
    expect(known).toHaveLength(14);
  });

  test('is not there without the line that loads it, nor where the controller has no such library', async () => {
    expect((await build('bakehouse()')).console).toContain("No such DSL method 'bakehouse'");
    const end = await build("@Library('bakehouse') _\nbakehouse()", { libraries: {} });
    expect(end.console).toContain('Could not find any definition of libraries [bakehouse]');
  });
});

test('a pipeline of its own calls the stages that it wants: that of docs/jenkins.md, as it stands', async () => {
  const text = documented("stage('Verify')") ?? '';
  expect(text.trim().split('\n').length).toBeLessThanOrEqual(15);
  const end = await build(text);
  expect([end.result, end.console]).toEqual(['SUCCESS', expect.anything()]);
  expect(end).toMatchObject({ harnessError: null, rejected: [] });
  const calls = [...end.console.matchAll(/^bakehouse (.*) in /gm)].map(([, call = '']) => call);
  expect(calls).toEqual([
    'plan',
    'generate --plan plan.json',
    'build --plan plan.json',
    'verify --plan plan.json --boot',
    'promote --plan plan.json --apply',
    'cleanup --apply',
  ]);
  expect(end.cases.map(({ name, status }) => `${name} ${status}`)).toEqual(['File[/x] passed']);
  const failed = await build(text, { FAILS: 'build' });
  expect(failed.result).toBe('FAILURE');
  expect(failed.stages.map(({ name, result }) => `${name} ${result}`)).toContain('Verify SUCCESS');
});

describe('an agent that cannot be prepared says why in a sentence, and the build is red', () => {
  test.each([
    ['the package is not among those of package-lock.json', 'empty', 'install: package-lock.json does not have bakehouse:'],
    ['there is no package-lock.json', 'none', 'install: the commit has no package-lock.json: run npm install, and commit'],
  ])('%s', async (_, repository, message) => {
    const url = await site.repository(repository, (place) => {
      writeFileSync(join(place, repository === 'none' ? 'readme' : 'package-lock.json'), '{}');
    });
    const end = await build("@Library('bakehouse') _\nbakehouse()", { LACKS: 'yes', scm: { url, branch: 'main' } });
    expect(end).toMatchObject({ result: 'FAILURE', harnessError: null, branches: [] });
    expect(end.console).toContain(message);
    expect(end.console).toContain('script returned exit code 4');
    expect(shellSteps(end)[0]).toBe('install');
  }); // prettier-ignore
});
