import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AgentWish, BuildEnd, BuildWish } from '../jenkins/controller.ts';
import { type CleanupCloud, startCleanupCloud, writesAmong } from './cleanup-cloud.ts';
import { minutes, openSite, pathWithout, shellSteps, type Site, writeEnvironment } from './jenkins-site.ts';
import { nothing, whatIsThere } from './local-cloud.ts';
import { root } from '../cli/stage-process.ts';

/** The Jenkinsfile where nothing can be baked: bad parameters, things that are missing, cleanups that are denied. */

const job = 'bake-on-commit';
let cloud: CleanupCloud;
let site: Site;
let agent: AgentWish;
let project: string;
let withoutNode: BuildEnd;

beforeAll(async () => {
  cloud = await startCleanupCloud();
  site = await openSite(cloud.env);
  agent = await site.agent('one', job);
  project = await site.project('project', (place) => {
    writeFileSync(join(place, 'nodes.yaml'), 'mail: {group: redis}\n');
    rmSync(join(place, 'templates/environment'), { recursive: true });
    writeEnvironment(join(place, 'templates/environment'), {
      mail: "file { '/etc/test': content => 'one' }",
    });
  });
  // The job's first build, after which it knows its parameters. Any that begins will do.
  const bare = await site.agent('without node', job, {
    path: pathWithout(site.folder, 'node', 'npm', 'nodejs'),
  });
  withoutNode = await build({}, { agents: [bare] });
  // What a build that is refused leaves in a workspace anyway.
  expect(await build({ KEEP: 'some' })).toMatchObject({ result: 'FAILURE' });
}, 5 * minutes);
afterAll(async () => {
  await site.stop();
  await cloud.stop();
}, 2 * minutes);

/** A build that only plans, unless told otherwise. */
const build = (parameters: Record<string, string | boolean>, more: Partial<BuildWish> = {}) =>
  site.build({
    job,
    agents: [agent],
    scm: { url: project, branch: 'main' },
    parameters: { DRY_RUN: true, ...parameters },
    ...more,
  });

/** All files of the controller, the agents and the repositories, but for the packages'. */
const allFiles = () =>
  readdirSync(site.folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.includes('node_modules'),
  );

/** Those that are refused for any of the values below; a reason and a folder may have such characters, and go nowhere. */
const strings = [
  'NODES',
  'KEEP',
  'MANIFESTS_URL',
  'MANIFESTS_REF',
  'MANIFESTS_CREDENTIALS',
  'AWS_CREDENTIALS',
  'PARALLEL',
];

describe('parameters that are hostile', () => {
  // More of them, each for each parameter, has test/jenkins/parameters.test.ts.
  test.each([['$(touch x)`touch x`; touch x'], ['\'"\n touch x #']])(
    'all %j, start nothing, and are all told',
    async (value) => {
      cloud.forgetCalls();
      const before = allFiles().filter((name) => !/jenkins home|@tmp/.test(name));
      const parameters = Object.fromEntries(
        [...strings, 'REASON', 'MANIFESTS_DIR'].map((name) => [name, value]),
      );
      const end = await build({ ...parameters, DRY_RUN: false });
      expect(end).toMatchObject({ result: 'FAILURE', branches: [], harnessError: null });
      for (const name of strings) expect(end.console).toContain(`parameter ${name} `);
      expect(end.console).toContain('script returned exit code 2');
      expect(shellSteps(end)).not.toContain('plan');
      expect(allFiles().filter((name) => /(^|\/)x$/.test(name))).toEqual([]);
      expect(existsSync('x')).toBe(false);
      expect(allFiles().filter((name) => !/jenkins home|@tmp/.test(name) && !before.includes(name))).toEqual(
        [],
      );
      expect(writesAmong(cloud.calls())).toEqual([]);
    },
    2 * minutes,
  );
});

describe('what is missing is said, and nothing is started:', () => {
  const expectRed = (end: BuildEnd, ...said: (string | RegExp)[]) => {
    expect([end.result, end.console]).toEqual(['FAILURE', expect.anything()]);
    expect(end.harnessError).toBeNull();
    for (const text of said) expect(end.console).toMatch(text);
  };

  test(
    'a credential',
    async () => {
      const end = await build({ AWS_CREDENTIALS: 'nobody-knows' });
      expectRed(end, /Could not find credentials entry with ID 'nobody-knows'/);
      expect(end.description).toContain('no plan was made');
    },
    2 * minutes,
  );

  test(
    'the repository of the manifests, and a branch of it',
    async () => {
      const gone = await build({ MANIFESTS_URL: 'file:///nonexistent/manifests.git' });
      expectRed(gone, /Error fetching remote repo 'origin'/, /nonexistent\/manifests\.git/);
      expect(shellSteps(gone)).not.toContain('plan');
      expectRed(await build({ MANIFESTS_REF: 'no-such-branch' }), /Couldn't find any revision to build/);
    },
    2 * minutes,
  );

  test(
    'a node',
    async () => {
      const end = await build({ NODES: 'nobody' });
      expectRed(end, /nobody/);
      expect(end.branches).toEqual([]);
    },
    2 * minutes,
  );

  test(
    'all nodes',
    async () => {
      const empty = await site.project('empty', (place) => {
        writeFileSync(join(place, 'nodes.yaml'), '');
      });
      expectRed(await build({}, { scm: { url: empty, branch: 'main' } }), /nodes\.yaml/);
    },
    2 * minutes,
  );

  test('Node', () => {
    expectRed(withoutNode, /this agent has no node on its PATH: install Node 20/);
    expect(shellSteps(withoutNode)).toEqual(['install', 'install', 'leftovers', 'report', 'summary']);
    expect(withoutNode.parameters.map(({ name }) => name)).toContain('NODES');
  });

  test(
    'Packer',
    async () => {
      const bare = await site.agent('without packer', job, { path: pathWithout(site.folder, 'packer') });
      cloud.forgetCalls();
      const end = await build({ DRY_RUN: false }, { agents: [bare] });
      expectRed(end, /packer/i);
      expect(end.description).toMatch(/1 of 1 node failed: mail\nmail: rejected.*: .*/);
      expect(end.cases.filter(({ status }) => status === 'failed')).not.toEqual([]);
      expect(await whatIsThere(cloud.ec2)).toEqual(nothing);
    },
    2 * minutes,
  );
});

test(
  'a build whose parameters Jenkins dropped deletes nothing, though its defaults would',
  async () => {
    const door = "build(job: 'fresh', parameters: [booleanParam(name: 'CLEANUP_ONLY', value: true)])";
    const fit = await site.agent('of the fresh job', 'fresh');
    cloud.forgetCalls();
    const end = await site.build({
      job: 'door',
      agents: [fit],
      scm: { url: project, branch: 'main' },
      text: `pipeline { agent none\n stages { stage('One') { steps { script { ${door} } } } } }`,
      jobs: { fresh: { file: join(root, 'Jenkinsfile') } },
    });
    const [fresh] = end.downstream;
    expect(fresh).toMatchObject({ job: 'fresh', result: 'FAILURE', branches: [], rejected: [] });
    const log = readFileSync(join(fresh?.folder ?? '', 'log'), 'utf8');
    expect(log).toContain('does not declare yet');
    expect(fresh?.description).toContain('does not declare yet');
    expect(log).not.toContain('--apply');
    expect(writesAmong(cloud.calls())).toEqual([]);
  },
  2 * minutes,
);

describe('a cleanup', () => {
  const cleanup = (more: Partial<BuildWish> = {}) =>
    build({ DRY_RUN: false, CLEANUP_ONLY: true, APPLY: true, KEEP: '1' }, more);

  test(
    'locks its nodes where that plugin is installed, and goes without it and without timestamps',
    async () => {
      const plain = await cleanup();
      expect(plain).toMatchObject({ result: 'SUCCESS', branches: [], rejected: [] });
      expect(plain.steps.map(({ step }) => step)).not.toContain('lock');
      const end = await cleanup({ plugins: ['lockable-resources', 'timestamper'] });
      expect(end).toMatchObject({ result: 'SUCCESS', rejected: [] });
      expect(end.console).toContain('Lock acquired on [bakehouse-mail, bakehouse-promote-mail]');
      expect(end.steps.map(({ step }) => step)).toContain('timestamps');
      expect(end.console).toContain('nothing is planned');
    },
    2 * minutes,
  );

  // What a cleanup deletes that is allowed to is the matter of cleanup-faults: images as young as these stay anyway.
  test(
    'that is denied a look-up deletes nothing, and its build is not green and says why',
    async () => {
      await cloud.images('mail', 3);
      const before = await cloud.account();
      cloud.order({
        service: 'autoscaling',
        action: 'DescribeAutoScalingGroups',
        error: { code: 'AccessDenied', status: 403 },
      });
      cloud.forgetCalls();
      const end = await cleanup();
      cloud.order();
      expect(end.result).toBe('UNSTABLE');
      expect(end.stages.find(({ name }) => name === 'Cleanup')).toMatchObject({ result: 'FAILURE' });
      expect(end.console).toContain(
        'these AWS credentials lack the permission autoscaling:DescribeAutoScalingGroups',
      );
      expect(writesAmong(cloud.calls())).toEqual([]);
      expect(await cloud.account()).toEqual(before);
      expect(await cleanup()).toMatchObject({ result: 'SUCCESS' });
    },
    2 * minutes,
  );
});
