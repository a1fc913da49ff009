import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../cli/stage-process.ts';
import { type BuildWish, Controller } from './controller.ts';
import { agentIn, pipeline, wishIn } from './jobs-of-tests.ts';

/** The harness itself: builds that are stopped, agents that are lost, results, locks. */

const folder = temporaryFolder();
let controller: Controller;
let jobs = 0;

beforeAll(async () => {
  controller = await Controller.start();
});
afterAll(async () => {
  await controller.stop();
  folder.remove();
});

const wish = (text: string, more: Partial<BuildWish> = {}) =>
  wishIn(folder.path, text, { job: `job-${(jobs += 1)}`, ...more });
const build = (text: string, more: Partial<BuildWish> = {}) => controller.build(wish(text, more));
const script = (groovy: string, more: Partial<BuildWish> = {}) => build(pipeline(groovy), more);

describe('a build that is stopped', () => {
  const waits = (command: string) =>
    pipeline(`node('agent') { try { sh '''${command}''' } finally { sh 'echo afterwards' } }`);

  test('tells each process, by SIGTERM, and goes on with what is done in any case', async () => {
    const running = controller.begin(
      wish(waits("trap 'echo told; exit 0' TERM; echo ready; while :; do sleep 0.1 || :; done")),
    );
    await running.says('\nready');
    running.abort();
    const end = await running.ended;
    expect(end).toMatchObject({ result: 'ABORTED' });
    expect(end.console).toContain('\ntold\n');
    expect(end.console).toContain('\nafterwards\n');
  });

  test('does not wait for ever for one that does not listen', async () => {
    const job = wish(waits("trap '' TERM; echo ready; sleep 3; touch late"), { stopSeconds: 1 });
    const running = controller.begin(job);
    await running.says('\nready');
    running.abort();
    const end = await running.ended;
    expect(end.console).toContain('After 1s process did not stop');
    expect(end.console).toContain('\nafterwards\n');
    const late = join(folder.path, 'agent one/workspace', job.job ?? '', 'late');
    expect(existsSync(late)).toBe(false);
  });

  test('stops a step only once: what runs next is not stopped', async () => {
    const text = pipeline("node('agent') { catchError { sh 'echo ready; sleep 60' }; sh 'echo next' }");
    const running = controller.begin(wish(text));
    await running.says('\nready');
    running.abort();
    const end = await running.ended;
    expect(end).toMatchObject({ result: 'ABORTED' });
    expect(end.console).toContain('\nnext\n');
  });

  test.each([
    [true, false],
    [false, true],
  ])(
    'is caught by catchError with catchInterruptions %s: what follows is left out: %s',
    async (caught, left) => {
      const text = pipeline(
        `node('agent') { catchError(catchInterruptions: ${caught}) { sh 'echo ready; sleep 60' }; echo 'next' }`,
      );
      const running = controller.begin(wish(text));
      await running.says('\nready');
      running.abort();
      expect((await running.ended).console.includes('\nnext\n')).toBe(!left);
    },
  );

  test('by a timeout ends only what is in it', async () => {
    const groovy =
      "node('agent') { catchError { timeout(time: 1, unit: 'MINUTES') { sh 'sleep 60' } }; echo 'next' }";
    const end = await script(groovy, { minuteMs: 200 });
    expect(end).toMatchObject({ result: 'ABORTED' });
    expect(end.console).toContain('\nnext\n');
  });
});

describe('an agent that loses its power', () => {
  const text = pipeline(`
    parallel(
      a: { catchError(catchInterruptions: false) { node('agent') { sh 'echo ready; sleep 60; touch late' } } },
      b: { waitUntil(quiet: true) { currentBuild.currentResult != 'SUCCESS' }; echo 'b goes on' })
    node('agent') { echo 'here again' }`);

  test.each([
    [undefined, 'here again'],
    [2021 as const, 'b goes on'],
  ])('ends its steps, not the other branches (%s)', async (year, said) => {
    const agent = agentIn(folder.path, `lost-${String(year)}`);
    const given = year === undefined ? text : text.replace('currentBuild.currentResult', "'x'");
    const running = controller.begin(
      wish(given, { agents: [agent], ...(year === undefined ? {} : { year }) }),
    );
    await running.says('\nready');
    controller.kill(agent, true);
    const end = await running.ended;
    expect(end).toMatchObject({ result: 'ABORTED' });
    expect(end.console).toContain(said);
    // Then the plugin took it for someone's stop, which is not caught.
    expect(end.console.includes('here again')).toBe(year === undefined);
  });
});

describe('results', () => {
  test('of branches: all end, the worst failure is thrown', async () => {
    const end = await script(
      "parallel(a: { error 'first' }, b: { sleep(time: 50, unit: 'MILLISECONDS'); echo 'b ends' })",
    );
    expect(end).toMatchObject({ result: 'FAILURE', branches: ['a', 'b'] });
    expect(end.console).toContain('b ends');
  });

  test('of catchError: the build and the stage may differ, and later stages run', async () => {
    const text = pipeline("catchError(buildResult: 'UNSTABLE', stageResult: 'FAILURE') { error 'x' }", {
      stages:
        "stage('Two') { steps { echo 'two' } }\nstage('Three') { when { expression { false } }\n steps { echo 'three' } }",
      sections:
        "post { always { echo currentBuild.currentResult }\n unstable { echo 'is unstable' }\n success { echo 'never' } }",
    });
    const end = await build(text);
    expect(end).toMatchObject({
      result: 'UNSTABLE',
      stages: [
        { name: 'One', result: 'FAILURE' },
        { name: 'Two', result: 'SUCCESS' },
        { name: 'Three', result: 'NOT_BUILT', skipped: 'when' },
        { name: 'Declarative: Post Actions', result: 'SUCCESS' },
      ],
    });
    expect(end.console).toContain('is unstable');
    expect(end.console).not.toContain('never');
  });

  test('of an error: later stages are left out, post is not', async () => {
    const text = pipeline("error 'x'", {
      stages: "stage('Two') { steps { echo 'two' } }",
      sections: 'post { always { echo "it is ${currentBuild.currentResult}" } }',
    });
    const end = await build(text);
    expect(end.stages[1]).toMatchObject({ name: 'Two', result: 'NOT_BUILT', skipped: 'failure' });
    expect(end.console).toContain('it is FAILURE');
  });

  test('of tests: a failed one makes the build unstable; a file of an earlier build does not count', async () => {
    const xml = (name: string) =>
      `<testsuites><testsuite name="s"><testcase classname="c" name="good"/><testcase classname="c" name="${name}"><failure message="no">why</failure></testcase></testsuite></testsuites>`;
    const text = pipeline(`
      node('agent') {
        writeFile(file: 'old.xml', text: '${xml('old')}')
        sh 'touch -d "1 hour ago" old.xml'
        writeFile(file: 'new.xml', text: '${xml('bad')}')
        junit(testResults: '*.xml')
        archiveArtifacts 'new.xml'
      }`);
    const end = await build(text);
    expect(end).toMatchObject({ result: 'UNSTABLE', archived: ['new.xml'] });
    expect(end.cases.map(({ name, status }) => [name, status])).toEqual([
      ['good', 'passed'],
      ['bad', 'failed'],
    ]);
    expect(readFileSync(join(end.folder, 'archive/new.xml'), 'utf8')).toContain('why');
  });
});

test('secrets are masked where they are known, and only there', async () => {
  const groovy = `
    withCredentials([usernamePassword(credentialsId: 'key', usernameVariable: 'U', passwordVariable: 'P')]) {
      node('agent') { sh 'echo "$U has $P"' }
    }`;
  const end = await script(groovy, { credentials: { key: { username: 'me', password: 's3cret' } } });
  expect(end.console).toContain('me has ****');
  expect(end.console).not.toContain('s3cret');
});

test('a lock excludes builds of other jobs, also those of another process', async () => {
  const text = pipeline(
    "lock(resource: 'a', extra: [[resource: 'b']]) { node('agent') { sh 'echo in; mkdir \"$OUT\"; sleep 0.5; rmdir \"$OUT\"' } }",
  );
  const other = await Controller.start();
  const env = { OUT: join(folder.path, 'one at a time') };
  const locked = (name: string) =>
    wish(text, { plugins: ['lockable-resources'], agents: [{ ...agentIn(folder.path, name), env }] });
  const ends = await Promise.all([
    controller.build(locked('lock-1')),
    other.build(locked('lock-2')),
    controller.build({
      ...locked('lock-3'),
      text: text.replace("resource: 'a', extra: [[resource: 'b']]", "'b'"),
    }),
  ]);
  await other.stop();
  expect(ends.map(({ result }) => result)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
});

test('a job that allows one build at a time has one, and `build` waits for it', async () => {
  const text = pipeline("node('agent') { sh 'echo \"got $WHAT\"' }", {
    sections: "options { disableConcurrentBuilds() }\nparameters { string(name: 'WHAT', defaultValue: '') }",
  });
  const starter = pipeline("build(job: 'work', parameters: [string(name: 'WHAT', value: 'it')])");
  const given = { jobs: { work: { text } } };
  await build(starter, given);
  const end = await build(starter, given);
  expect(end).toMatchObject({ result: 'SUCCESS', downstream: [{ job: 'work', result: 'SUCCESS' }] });
  expect(readFileSync(join(end.downstream[0]?.folder ?? '', 'log'), 'utf8')).toContain('got it');
  const failing = await build(starter, { jobs: { work: { text: pipeline("error 'x'") } } });
  expect(failing).toMatchObject({ result: 'FAILURE' });
});
