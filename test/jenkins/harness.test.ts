import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../stages/stage-process.ts';
import { type BuildWish, Controller } from './controller.ts';
import { agentIn, pipeline, wishIn } from './jobs-of-tests.ts';

/** The harness itself: what a real controller refuses, or does otherwise than one would think, must show in it. */

const folder = temporaryFolder();
let controller: Controller;
let jobs = 0;

beforeAll(async () => {
  controller = await Controller.start();
}, 60_000);
afterAll(async () => {
  await controller.stop();
  folder.remove();
});

const wish = (text: string, more: Partial<BuildWish> = {}) =>
  wishIn(folder.path, text, { job: `job-${(jobs += 1)}`, ...more });
const build = (text: string, more: Partial<BuildWish> = {}) => controller.build(wish(text, more));
const script = (groovy: string, more: Partial<BuildWish> = {}) => build(pipeline(groovy), more);

describe('a Jenkinsfile that a controller would not begin', () => {
  test.each([
    ['an unknown option', 'options { sparkle() }', 'Invalid option type "sparkle"'],
    [
      'an option of a plugin that is not there',
      'options { timestamps() }',
      'Invalid option type "timestamps"',
    ],
    ['an unknown section', 'sparkle { }', 'Undefined section "sparkle"'],
    ['an unknown parameter type', "parameters { strong(name: 'A') }", 'Invalid parameter type "strong"'],
    ['an unknown post condition', 'post { sometimes { echo "x" } }', 'Invalid condition "sometimes"'],
    ['a section twice', "environment { A = '1' }\nenvironment { B = '1' }", 'Multiple occurrences'],
  ])('has %s', async (_, sections, message) => {
    const end = await build(pipeline("echo 'begun'", { sections }));
    expect(end.result).toBe('FAILURE');
    expect(end.console).toContain(message);
    expect(end.steps).toEqual([]);
  });

  test.each([
    [
      'a method of an object',
      "steps { 'a'.trim() }",
      'Method calls on objects not allowed outside "script" blocks',
    ],
    ['a condition', 'steps { if (true) { echo "x" } }', 'Expected a step'],
    ['a variable', 'steps { def a = 1 }', 'Expected a step'],
  ])('has %s in the steps of a stage', async (_, steps, message) => {
    const end = await build(pipeline("echo 'begun'", { stages: `stage('Two') { ${steps} }` }));
    expect(end.console).toContain(message);
    expect(end.steps).toEqual([]);
  });

  test('has an option of a plugin, which is fine where it is installed', async () => {
    const text = pipeline("echo 'begun'", { sections: 'options { timestamps() }' });
    expect(await build(text, { plugins: ['timestamper'] })).toMatchObject({ result: 'SUCCESS' });
  });
});

describe('a step', () => {
  test.each([
    ["sparkle('x')", "No such DSL method 'sparkle' found among steps"],
    ["lock('x') { echo 'in' }", "No such DSL method 'lock'"],
    ["echo(text: 'x')", "Unknown parameter(s) found for step 'echo': text"],
    ["sh 'true'", 'Required context class hudson.FilePath is missing'],
    ["node('agent') { unstash 'nothing' }", 'No such saved stash ‘nothing’'],
    ["node('agent') { stash(name: 'none', includes: 'no/**') }", 'No files included in stash ‘none’'],
    ["node('agent') { sh 'exit 7' }", 'script returned exit code 7'],
    ["node('agent') { junit 'none/*.xml' }", 'No test report files were found'],
    ["node('agent') { archiveArtifacts 'none/*' }", 'No artifacts found that match the file pattern'],
    [
      "withCredentials([usernamePassword(credentialsId: 'x', usernameVariable: 'U', passwordVariable: 'P')]) { echo 'in' }",
      "Could not find credentials entry with ID 'x'",
    ],
    ['withEnv([]) ', 'withEnv step must be called with a body'],
    ['waitUntil { 1 }', 'is not boolean'],
    ["catchError(buildResult: 'BAD') { error 'x' }", 'buildResult is invalid: BAD'],
  ])('%s fails', async (groovy, message) => {
    const end = await script(groovy);
    expect(end.result).toBe('FAILURE');
    expect(end.console).toContain(message);
  });

  test('of a plugin that is missing can be told from an error within it', async () => {
    const groovy = `
      boolean begun = false
      try { lock('x') { begun = true; echo 'in the lock' } } catch (NoSuchMethodError missing) { echo "without: \${begun}" }`;
    expect((await script(groovy)).console).toContain('without: false');
    expect((await script(groovy, { plugins: ['lockable-resources'] })).console).toContain('in the lock');
  });
});

describe('what an administrator would have to approve, or CPS cannot run,', () => {
  test.each([
    ["new File('/etc/passwd').text", 'new java.io.File'],
    ["'id'.execute()", 'method java.lang.String execute'],
    ['System.getenv()', 'staticMethod java.lang.System getenv'],
    ["new groovy.json.JsonSlurperClassic().parseText('{}')", 'new groovy.json.JsonSlurperClassic'],
    ['currentBuild.rawBuild', 'the property rawBuild'],
    ["['b'].permutations { it }", 'method java.util.ArrayList permutations'],
    ["echo 'a'.@value", '.@value'],
    ["def name = 'x'; node('agent') { sh \"echo ${'$'}{name}\" }", 'the text of sh is not one literal'],
  ])('%s is told', async (groovy, message) => {
    const end = await script(groovy);
    expect(end.rejected.join('\n')).toContain(message);
  });

  test('is not a matter of what is whitelisted', async () => {
    const end = await build(
      pipeline("def a = parsed('{\"x\": [1, 2]}'); echo a.x.collect { it + 1 }.join(' ')", {
        head: 'import groovy.json.JsonSlurper',
        methods:
          '@NonCPS\nMap parsed(String text) { def json = new JsonSlurper().parseText(text); [x: json.x.collect { it * 2 }] }',
      }),
    );
    expect(end).toMatchObject({ result: 'SUCCESS', rejected: [] });
    expect(end.console).toContain('3 5');
  });

  test('is also what cannot be saved while a step runs', async () => {
    const end = await build(
      pipeline("kept = new JsonSlurper().parseText('{}'); echo 'x'", {
        head: 'import groovy.json.JsonSlurper',
      }),
    );
    expect(end.console).toContain('NotSerializableException');
  });
});

describe('parameters', () => {
  const text = pipeline(
    'node(\'agent\') { sh \'echo "NAME is <${NAME-unset}>"\' }; echo "params: ${params.NAME}"',
    {
      sections: "parameters { string(name: 'NAME', defaultValue: 'usual') }",
    },
  );

  test("are not in the environment of a job's first build, and are defaults afterwards", async () => {
    const given = wish(text);
    const first = await controller.build(given);
    expect(first.console).toContain('NAME is <unset>');
    expect(first.console).toContain('params: usual');
    const second = await controller.build(given);
    expect(second).toMatchObject({ number: 2, tag: `jenkins-${given.job ?? ''}-2` });
    expect(second.console).toContain('NAME is <usual>');
  });

  test('that the job does not know do not arrive', async () => {
    const given = { ...wish(text), parameters: { NAME: 'it', OTHER: 'x' } };
    expect((await controller.build(given)).console).toContain('NAME is <unset>');
    const other = { ...given, text: text.replace('NAME-unset', 'OTHER-unset') };
    expect((await controller.build(other)).console).toContain('NAME is <unset>');
    expect((await controller.build(given)).console).toContain('NAME is <it>');
  });

  test('reach a shell as they are', async () => {
    const given = wish(text);
    await controller.build(given);
    const hostile = '$(touch x) "\'\n../`id`';
    const end = await controller.build({ ...given, parameters: { NAME: hostile } });
    expect(end.console).toContain(`NAME is <${hostile}>`);
  });
});

describe('executors', () => {
  test('are waited for, and workspaces last', async () => {
    const groovy = `
      parallel(a: { node('agent') { sh 'echo a >> who; sleep 0.2' } }, b: { node('agent') { sh 'echo b >> who' } })
      node('agent') { echo readFile('who') }`;
    expect((await script(groovy)).console).toContain('a\nb\n');
  });

  test('two at a time have workspaces of their own', async () => {
    const groovy = `parallel(
      a: { node('agent') { sh 'until test -e ../*@2/b; do sleep 0.02; done' } },
      b: { node('agent') { sh 'touch b; pwd' } })`;
    const end = await script(groovy, { agents: [agentIn(folder.path, 'two', 2)] });
    expect(end).toMatchObject({ result: 'SUCCESS' });
    expect(end.console).toMatch(/workspace\/job-\d+@2$/m);
  });

  test.each([
    [
      'an agent held while the branches need it',
      "node('agent') { parallel(a: { node('agent') { echo 'never' } }) }",
    ],
    ['no agent with the label', "node('nobody') { echo 'never' }"],
    [
      'branches of which each waits for another',
      "int a = 0; parallel(a: { waitUntil(quiet: true) { a > 0 } }, b: { node('agent') { node('agent') { a++ } } })",
    ],
  ])('with %s do not hang', async (_, groovy) => {
    const end = await script(groovy);
    expect(end.harnessError).toContain('a controller would wait for ever');
    expect(end.console).not.toContain('never\n');
  });
});

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
  const door = pipeline("build(job: 'work', parameters: [string(name: 'WHAT', value: 'it')])");
  const given = { jobs: { work: { text } } };
  await build(door, given);
  const end = await build(door, given);
  expect(end).toMatchObject({ result: 'SUCCESS', downstream: [{ job: 'work', result: 'SUCCESS' }] });
  expect(readFileSync(join(end.downstream[0]?.folder ?? '', 'log'), 'utf8')).toContain('got it');
  const failing = await build(door, { jobs: { work: { text: pipeline("error 'x'") } } });
  expect(failing).toMatchObject({ result: 'FAILURE' });
});
