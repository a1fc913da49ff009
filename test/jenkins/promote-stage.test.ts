import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openSite, shellSteps, type Site } from '../e2e/jenkins-site.ts';
import { root } from '../cli/stage-process.ts';
import type { AgentWish, BuildEnd, RunningBuild } from './controller.ts';
import { pipeline } from './jobs-of-tests.ts';

/** The stage Promote of the Jenkinsfile, with a stand-in for the stages: when it runs, whom it asks, and what it holds meanwhile. */

const text = readFileSync(join(root, 'Jenkinsfile'), 'utf8');
const ofJob = readFileSync(join(root, 'jobs/promote.jenkinsfile'), 'utf8');
const credentials = { aws: { username: 'AKIA1', password: 's3cret' } };
const locks = ['bakehouse-promote-a', 'bakehouse-promote-b'];
let site: Site;
let url: string;
let jobs = 0;

/** Says what it was called with, and by whom it was approved. */
const program = `#!/bin/sh
  case "$2" in
    fan-out | ask | summary) cat > build.json <<END
{"schema": 1, "name": "n", "description": "after $2", "bake": ["a", "b"], "lock": ["a", "b"], "parallel": 2,
 "cleanupLocks": ["bakehouse-a"], "promoteLocks": ${JSON.stringify(locks)}, "promote": "\${EFFECT:-$PROMOTE}", "question": "$QUESTION"}
END
      ;;
    promote) echo "promoted by \${BAKEHOUSE_APPROVER:-nobody}"
      mkdir -p results/reports/a && echo "$BAKEHOUSE_APPROVER" > results/reports/a/promote.json
      test -z "$BAKEHOUSE_APPROVER$FAIL" || exit \${FAIL:-0} ;;
    promote-locks) test -z "$WRONG" || exit 2; printf 'bakehouse-promote-%s\\n' a b ;;
    promote-by-hand) echo "$ACTION of $NODE by key $AWS_ACCESS_KEY_ID"; mkdir -p results; touch results/it; exit \${FAIL:-0} ;;
    promote-report) printf '#7 the name\\na: in service\\nb: too\\n' ;;
  esac
`;

beforeAll(async () => {
  site = await openSite({});
  const bin = join(site.folder, 'bin');
  mkdirSync(bin);
  const npm = `#!/bin/sh\nmkdir -p node_modules/.bin && cp '${site.folder}/program' node_modules/.bin/bakehouse\n`;
  for (const [file, content] of [['program', program], ['bin/npm', npm]] as const) {
    writeFileSync(join(site.folder, file), content);
    chmodSync(join(site.folder, file), 0o755);
  }
  url = await site.repository('team', (place) => {
    mkdirSync(join(place, 'jobs'));
    writeFileSync(join(place, 'jobs/install.sh'), '#!/bin/sh\nexec npm\n');
    chmodSync(join(place, 'jobs/install.sh'), 0o755);
  });
}); // prettier-ignore
afterAll(async () => {
  await site.stop();
});

interface Wish {
  /** The jobs/promote.jenkinsfile with these parameters, not the Jenkinsfile. */
  byHand?: Record<string, string>;
  PROMOTE?: string;
  env?: Record<string, string>;
  edit?: (text: string) => string;
}

/** A build on an agent with one executor, in a job of its own; the job has the parameter already. */
function begin({ PROMOTE = 'ask', byHand, env = {}, edit = (same) => same }: Wish = {}) {
  const job = `job-${(jobs += 1)}`;
  const PATH = `${join(site.folder, 'bin')}:${process.env.PATH ?? ''}`;
  const agent: AgentWish = { name: 'agent', labels: ['bakehouse'], root: join(site.folder, `agent ${job}`), env: { PATH, QUESTION: 'Put a and b into service?', ...env } }; // prettier-ignore
  const place = join(site.folder, 'jenkins home/jobs', job);
  mkdirSync(place, { recursive: true });
  const parameters = byHand ?? { PROMOTE };
  const known = ['CLEANUP_ONLY', ...Object.keys(parameters)].map((name) => ({
    type: 'string',
    name,
    defaultValue: '',
  }));
  writeFileSync(join(place, 'parameters.json'), JSON.stringify(known));
  const plugins = ['lockable-resources' as const];
  const given = { job, agents: [agent], scm: { url, branch: 'main' }, plugins, parameters, credentials };
  return {
    agent,
    running: site
      .controller()
      .begin(site.wish({ ...given, text: edit(byHand === undefined ? text : ofJob) })),
  };
}
const asked = async (running: RunningBuild) => {
  await running.says('Put a and b into service?\nPromote or Abort');
};
const fine = { harnessError: null, rejected: [] };
/** The last steps, of the stage Promote and after it. */
const after = (end: BuildEnd) => {
  const steps = shellSteps(end).filter((label) => label !== 'install');
  return steps.slice(steps.lastIndexOf('verify') + 1);
};
const stageOf = (end: BuildEnd) => end.stages.find(({ name }) => name === 'Promote');

describe('the stage Promote', () => {
  test('is left out where the build promotes nothing, also with PROMOTE=yes', async () => {
    const none = await begin({ PROMOTE: 'no' }).running.ended;
    expect([none.result, after(none)]).toEqual(['SUCCESS', ['cleanup', 'leftovers', 'report', 'summary']]);
    const dry = await begin({ PROMOTE: 'yes', env: { EFFECT: 'no' } }).running.ended;
    expect([stageOf(dry)?.skipped, after(dry)]).toEqual([
      'when',
      ['cleanup', 'leftovers', 'report', 'summary'],
    ]);
  }, 30_000);

  test('with PROMOTE=yes comes after the bakes and before the cleanup, holds the locks of its nodes and sends its reports', async () => {
    const end = await begin({ PROMOTE: 'yes' }).running.ended;
    expect([end.result, end.console]).toEqual(['SUCCESS', expect.anything()]);
    expect(end).toMatchObject(fine);
    expect(after(end)).toEqual(['promote', 'cleanup', 'leftovers', 'report', 'summary']);
    expect(end.console).toContain(`Lock acquired on [${locks.join(', ')}]`);
    expect(end.archived).toContain('reports/a/promote.json');
    expect(end.steps.map(({ step }) => step)).not.toContain('input');
  }, 30_000);

  test.each(['3', '4'])('that ends with code %s makes the build red; cleanup and end of the build still come', async (FAIL) => {
    const end = await begin({ PROMOTE: 'yes', env: { FAIL } }).running.ended;
    expect([end.result, after(end)]).toEqual(['FAILURE', ['promote', 'cleanup', 'leftovers', 'report', 'summary']]);
    expect(end.archived).toContain('reports/a/promote.json');
    expect(stageOf(end)?.result).toBe('FAILURE');
  }, 30_000); // prettier-ignore
});

describe('the stage Promote with PROMOTE=ask', () => {
  test('holds neither the agent nor the locks while it asks; who approved it reaches promote, as text only', async () => {
    const { agent, running } = begin({ env: { HOME: '/nonexistent' } });
    await asked(running);
    const other = pipeline(
      `lock('${locks[0] ?? ''}') { node('bakehouse') { sh 'echo "the agent is free"' } }`,
    );
    const meanwhile = await site.build({
      ...{ job: 'other', text: other, agents: [agent], plugins: ['lockable-resources'] },
    });
    expect([meanwhile.result, meanwhile.console]).toEqual(['SUCCESS', expect.stringContaining('is free')]);
    running.answer('anna $(touch "$HOME"/x)`id`', true);
    const end = await running.ended;
    expect([end.result, end.console]).toEqual(['SUCCESS', expect.anything()]);
    expect(end).toMatchObject(fine);
    expect(after(end)).toEqual(['promote', 'ask', 'promote', 'cleanup', 'leftovers', 'report', 'summary']);
    expect(end.console).toMatch(/promoted by nobody[^]*promoted by anna \$\(touch "\$HOME"\/x\)`id`\n/);
    expect(end.steps.find(({ step }) => step === 'input')?.branch).toBe('ask');
  }, 60_000);

  test.each<[string, (running: RunningBuild) => void, Wish]>([
    ['somebody says no', (running) => { running.answer('bert', false); }, {}],
    ['nobody answers in time', () => undefined, { edit: (given) => given.replace("timeout(time: 4, unit: 'HOURS')", "timeout(time: 1, unit: 'SECONDS')") }],
  ])('promotes nothing where %s; the build is green, and cleans up', async (_, answer, wish) => {
    const { running } = begin(wish);
    await asked(running);
    answer(running);
    const end = await running.ended;
    expect([end.result, end.console]).toEqual(['SUCCESS', expect.anything()]);
    expect(end).toMatchObject(fine);
    expect(after(end)).toEqual(['promote', 'ask', 'cleanup', 'leftovers', 'report', 'summary']);
    expect(end.console).toContain('not approved: nothing is promoted');
  }, 60_000); // prettier-ignore

  test('ends as aborted where somebody stops the build meanwhile: nothing is promoted, and the end of the build still comes', async () => {
    const { running } = begin();
    await asked(running);
    running.abort();
    const end = await running.ended;
    expect(end).toMatchObject({ result: 'ABORTED', ...fine });
    expect(after(end)).toEqual(['promote', 'ask', 'leftovers', 'report', 'summary']);
    expect(stageOf(end)?.result).toBe('ABORTED');
  }, 60_000);

  test('takes the answer of approvers only, where the Jenkinsfile names them', async () => {
    const edit = (given: string) => given.replace("BAKEHOUSE_APPROVERS = ''", "BAKEHOUSE_APPROVERS = 'anna,ops'");
    const { running } = begin({ edit });
    await asked(running);
    running.answer('bert', true);
    await running.says('You need to be anna,ops to submit this');
    running.answer('ops', true);
    expect((await running.ended).console).toContain('promoted by ops\n');
  }, 60_000); // prettier-ignore

  test('asks nobody where nothing could go into service, which is red', async () => {
    const end = await begin({ env: { QUESTION: '', FAIL: '3' } }).running.ended;
    expect(end).toMatchObject({ result: 'FAILURE', ...fine });
    expect(after(end)).toEqual(['promote', 'ask', 'cleanup', 'leftovers', 'report', 'summary']);
    expect(end.steps.map(({ step }) => step)).not.toContain('input');
  }, 30_000);
});

describe('the job promote', () => {
  const hostile = '$(touch hacked)`touch hacked`";touch hacked';
  test('takes the locks before its agent, and shows what was done; its parameters reach the steps as text only', async () => {
    const byHand = { ACTION: 'rollback', NODE: hostile, AWS_CREDENTIALS: 'aws' };
    const end = await begin({ byHand }).running.ended;
    expect([end.result, end.console]).toEqual(['SUCCESS', expect.anything()]);
    expect(end).toMatchObject({ ...fine, displayName: '#7 the name', description: 'a: in service\nb: too' });
    expect(end.console).toContain(`rollback of ${hostile} by key AKIA1\n`);
    expect(end.archived).toEqual(['results/it']);
    const steps = end.steps.map(({ step, label }) => label ?? step);
    expect(steps.filter((name) => name !== 'checkout')).toEqual(
      ['bakehouse', 'install', 'check', 'lock', 'bakehouse', 'install', 'withCredentials', 'promote', 'report', 'archiveArtifacts']);
    expect(end.console).toContain(`Lock acquired on [${locks.join(', ')}]`);
  }, 30_000); // prettier-ignore

  test.each(['3', '4'])(
    'is red with code %s, and still shows what was done',
    async (FAIL) => {
      const end = await begin({ byHand: { ACTION: 'promote' }, env: { FAIL } }).running.ended;
      expect(end).toMatchObject({ ...fine, result: 'FAILURE', displayName: '#7 the name' });
    },
    30_000,
  );

  test('locks and promotes nothing with a wrong parameter, nor on an agent that may be the controller', async () => {
    const wrong = await begin({ byHand: { ACTION: 'x' }, env: { WRONG: 'yes' } }).running.ended;
    expect([wrong.result, shellSteps(wrong)]).toEqual(['FAILURE', ['install', 'check']]);
    const elsewhere = await begin({ byHand: { AGENT: 'built-in' } }).running.ended;
    expect([elsewhere.result, shellSteps(elsewhere)]).toEqual(['FAILURE', []]);
  }, 30_000);
});
