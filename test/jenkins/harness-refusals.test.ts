import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../cli/stage-process.ts';
import { type BuildWish, Controller } from './controller.ts';
import { agentIn, pipeline, wishIn } from './jobs-of-tests.ts';

/** The harness itself: what a real controller refuses, or does otherwise than one would think, must show in it. */

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
    ["input(ok: 'Yes')", 'Missing required parameter: "message"'],
    ["input(message: 'a', approver: 'b')", "Unknown parameter(s) found for step 'input': approver"],
    ['waitUntil { 1 }', 'is not boolean'],
    ["catchError(buildResult: 'BAD') { error 'x' }", 'buildResult is invalid: BAD'],
  ])('%s fails', async (groovy, message) => {
    const end = await script(groovy);
    expect(end.result).toBe('FAILURE');
    expect(end.console).toContain(message);
  });

  test('of a missing plugin differs from an error within it', async () => {
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
  ])('%s is reported', async (groovy, message) => {
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
