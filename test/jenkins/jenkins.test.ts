import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readStageRun } from '../../src/jenkins/stage-run.ts';
import { runStep } from '../../src/jenkins/steps.ts';
import { jenkinsCommand } from '../../src/jenkins.ts';
import { digestOf } from '../../src/plan/digest.ts';
import { inputsOf } from '../plan/nodes.ts';
import { stageHere } from '../cli/stage-here.ts';
import { stage, temporaryFolder } from '../cli/stage-process.ts';

let folder: ReturnType<typeof temporaryFolder>;
const at = (name: string) => join(folder.path, name);

beforeEach(() => {
  folder = temporaryFolder();
  writeFileSync(at('nodes.yaml'), 'redis: {group: g}\nweb-db: {group: g}\n');
});
afterEach(() => {
  folder.remove();
});

const build = { BUILD_NUMBER: '7', BUILD_TAG: 'jenkins-bake-7' };
const step = (name: string, env: Record<string, string> = {}) =>
  stage('jenkins', [name], { cwd: folder.path, env: { ...build, ...env } });
/** The same in this process; it must be a step of Jenkins' own, or refused. */
const stepHere = (name: string, more: Record<string, string> = {}) => {
  const env = { ...build, ...more };
  const main = async (_flags: object, { say }: { say: (line: string) => void }) =>
    runStep(name, await readStageRun(name, [], env), env, say);
  return stageHere(jenkinsCommand.flags, main, [], folder.path);
};
type Run = [name: string, as: string, run: typeof stepHere];
const buildFile = () => JSON.parse(readFileSync(at('build.json'), 'utf8')) as Record<string, unknown>;

/** Writes a plan that bakes these nodes, and what verify said of each. */
function write(ends: Record<string, object>): void {
  const inputs = inputsOf();
  const nodes = Object.keys(ends).map((node) => {
    const reasons = [{ kind: 'no-image', text: 'no verified image' }];
    return { node, action: 'bake', reasons, digest: digestOf(inputs), inputs };
  });
  mkdirSync(at('results'));
  const about = { createdAt: new Date().toISOString(), region: 'us-east-1' };
  const manifests = { commit: 'c0ffee', dirty: false, tree: 'abc' };
  const plan = { schema: 1, ...about, manifests, bake: Object.keys(ends), nodes };
  writeFileSync(at('results/plan.json'), JSON.stringify(plan));
  for (const [node, record] of Object.entries(ends)) {
    mkdirSync(at(`results/reports/${node}`), { recursive: true });
    if (Object.keys(record).length > 0)
      writeFileSync(
        at(`results/reports/${node}/verify.json`),
        JSON.stringify({ schema: 1, node, run: 'jenkins-bake-7', imageId: 'ami-1', verified: true, reasons: [], ...record }),
      );
  }
} // prettier-ignore

describe('src/jenkins.ts', () => {
  const asProcess = ['check', 'verify', 'summary'].map((name): Run => [name, 'a process', step]);
  const here = ['plan', 'generate', 'build', 'promote', 'ask', 'cleanup', 'leftovers', 'fan-out'].map(
    (name): Run => [name, 'this process', stepHere],
  );
  test.each<Run>([...asProcess, ...here])(
    '%s, as %s, refuses hostile parameters, all at once, and makes nothing of them',
    async (name, _, run) => {
      const hostile = '$(touch x)`touch x`";touch x;\'\ntouch x\n../../x';
      const env = { NODES: hostile, KEEP: hostile, MANIFESTS_DIR: hostile, REASON: hostile };
      const { exitCode, stderr, stdout } = await run(name, env);
      expect(exitCode).toBe(2);
      for (const parameter of Object.keys(env))
        expect(stderr).toMatch(new RegExp(`^(jenkins: )?parameter ${parameter} `, 'm'));
      expect(stdout).toBe('');
      expect(stderr).not.toContain('    at ');
      const expected = name === 'summary' ? ['build.json', 'nodes.yaml'] : ['nodes.yaml'];
      expect(readdirSync(folder.path)).toEqual(expected);
    },
  );

  test('refuses a step that it does not have', async () => {
    const { exitCode, stderr } = await step('launch');
    expect(exitCode).toBe(2);
    expect(stderr).toContain("unknown step 'launch'; the steps are check,");
  });

  test('choices are the nodes, a line each; an empty nodes.yaml is an error', async () => {
    expect((await step('choices')).stdout).toBe('redis\nweb-db');
    writeFileSync(at('nodes.yaml'), '');
    writeFileSync(at('own.yaml'), 'mail: {group: g}\n');
    expect((await stepHere('choices', { BAKEHOUSE_NODES: 'own.yaml' })).stdout).toContain('mail');
    expect(await stepHere('choices', { BAKEHOUSE_NODES: '../own.yaml' })).toMatchObject({ exitCode: 2 });
    const { exitCode, stdout, stderr } = await step('choices');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('nodes.yaml:1:1');
  });

  test('check takes away what an earlier build left in the workspace', async () => {
    writeFileSync(at('plan.json'), '{}');
    writeFileSync(at('build.json'), '{}');
    expect((await step('check', { NODES: 'redis' })).exitCode).toBe(0);
    expect([existsSync(at('plan.json')), existsSync(at('build.json'))]).toEqual([false, false]);
  });

  test.each([
    ['', ['ami-2', 'ami-3', 'ami-4']],
    ['s3://b', ['ami-0', 'ami-1', 'ami-2', 'ami-3', 'ami-4']],
  ])('generate keeps of images what the newest three have, with the archive %j', async (archive, left) => {
    for (const [index, name] of ['ami-0', 'ami-1', 'ami-2', 'ami-3', 'ami-4'].entries()) {
      mkdirSync(at(`reports/redis/images/${name}`), { recursive: true });
      utimesSync(at(`reports/redis/images/${name}`), index, index);
    }
    await stepHere('generate', { BAKEHOUSE_NODE: 'redis', BAKEHOUSE_ARCHIVE: archive });
    expect(readdirSync(at('reports/redis/images')).sort()).toEqual(left);
  });

  test('generate takes away the reports of an earlier build, but its record, and those of no other node', async () => {
    for (const node of ['redis', 'web-db']) {
      mkdirSync(at(`reports/${node}`), { recursive: true });
      for (const name of ['junit.xml', 'verify.json', 'packer.log', 'bake.json'])
        writeFileSync(at(`reports/${node}/${name}`), '');
    }
    // There is no plan: generate itself fails, after that.
    expect((await step('generate', { BAKEHOUSE_NODE: 'redis' })).exitCode).toBe(2);
    expect(readdirSync(at('reports/redis'))).toEqual(['bake.json']);
    expect(readdirSync(at('reports/web-db'))).toHaveLength(4);
  });

  test('summary is good when each planned node is verified in this very build', async () => {
    write({ redis: { imageId: 'ami-1' }, 'web-db': { imageId: 'ami-2' } });
    const { exitCode, stdout } = await step('summary');
    expect(stdout).toContain('verified');
    expect(exitCode).toBe(0);
    expect(buildFile()).toMatchObject({
      name: '#7 redis, web-db',
      description: 'redis: ami-1\nweb-db: ami-2',
    });
  });

  test.each<[string, object, string]>([
    ['no record came back', {}, 'verify did not get to its end'],
    ['verify did not pass it', { verified: false, reasons: ['File[/x]: failed'] }, 'File[/x]: failed'],
    ['the record is of another build', { run: 'jenkins-bake-6' }, 'its report is of run jenkins-bake-6, not of this one'],
    ['the record is of another node', { node: 'redis' }, 'is of node redis'],
    ['the record is of another form', { schema: 2 }, "is not one of verify's"],
  ])('summary is not good, exit code 3: %s', async (_, record, why) => {
    write({ 'web-db': record });
    const { exitCode } = await stepHere('summary');
    expect(exitCode).toBe(3);
    expect(buildFile().description).toMatch(/^1 of 1 node failed: web-db\nweb-db: rejected/);
    expect(buildFile().description).toContain(why);
  }); // prettier-ignore

  test('summary shows no row and no link that is not its own, whatever a reason or REASON holds', async () => {
    const forged = 'x\u001b[2K\u202e\r\nweb-db  ami-9  verified <a href=https://example.com>log in</a>';
    write({ 'web-db': { verified: false, reasons: [forged] } });
    const { stdout } = await step('summary', { REASON: `${forged}\nweb-db: ami-9` });
    const description = String(buildFile().description);
    expect(stdout).not.toMatch(/^web-db.* verified/m);
    const seen = [buildFile().name, ...description.split('\n'), ...stdout.split('\n')].join('');
    expect(seen).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(description).not.toMatch(/[<>]|^web-db: ami-9/m);
  });

  test('cleanup deletes nothing of nodes that were not verified', async () => {
    write({ redis: { verified: false, reasons: ['no'] } });
    const { exitCode, stdout } = await step('cleanup');
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: 'no image was verified: nothing is deleted',
    });
  });
});
