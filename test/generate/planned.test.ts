import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { tag } from '../../src/aws/tags.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { generate } from '../../src/generate/generate.ts';
import { packFileReader } from '../../src/generate/pack-files.ts';
import { packInputs } from '../../src/generate/pack-inputs.ts';
import { planFileOf, writePlanFile } from '../../src/plan/plan-file.ts';
import type { Decision } from '../../src/plan/reason.ts';
import { readEnvironment } from '../../src/puppet/environment/read-environment.ts';
import { treeId } from '../../src/puppet/environment/read-tree.ts';
import { inputsOf } from '../plan/nodes.ts';
import { generateCommand } from '../../src/generate.ts';
import { stageHere } from '../cli/stage-here.ts';
import { root, stage, temporaryFolder } from '../cli/stage-process.ts';

let folder: ReturnType<typeof temporaryFolder>;
const at = (name: string) => join(folder.path, name);
const nodesFile = 'redis: {group: g}\nweb: {group: g}\ndb: {group: g}\n';

beforeEach(() => {
  folder = temporaryFolder();
  cpSync(join(root, 'templates'), at('templates'), { recursive: true });
  writeFileSync(at('nodes.yaml'), nodesFile);
});
afterEach(() => {
  folder.remove();
});

/** Writes the plan that says of these nodes to bake them, and of the others to leave them alone. */
async function planTo(...bake: string[]): Promise<void> {
  const file = at('templates/packer.json.mustache');
  const settings = {
    ...{ template: { file, text: readFileSync(file, 'utf8') }, tag, optional: new Set<string>() },
  };
  const { nodes } = parseNodes(nodesFile);
  const decisions = nodes.map(
    ({ name }): Decision =>
      bake.includes(name)
        ? { node: name, action: 'bake', reasons: [{ kind: 'no-image' }] }
        : { node: name, action: 'skip', reasons: [{ kind: 'unchanged', image: 'ami-a' }] },
  );
  const judged = nodes.map(async (node) => {
    const { pack, template, scripts } = await packInputs(node, settings, packFileReader());
    const inputs = inputsOf({ pack, scripts });
    return [node.name, { inputs, pack: { template, facts: node.facts }, sourceAmi: inputs.source }] as const;
  });
  const tree = treeId((await readEnvironment(at('templates/environment'), [])).tree);
  const about = { createdAt: new Date().toISOString(), region: 'us-east-1', manifests: { commit: 'c0ffee', dirty: false, tree } };
  await writePlanFile(at('plan.json'), planFileOf(decisions, new Map(await Promise.all(judged)), about));
} // prettier-ignore

const runBuild = () =>
  stage('build', ['--plan', 'plan.json'], { cwd: folder.path, env: { AWS_EC2_METADATA_DISABLED: 'true' } });
const generateHere = (...args: string[]) => stageHere(generateCommand.flags, generate, args, folder.path);
const runGenerate = (...args: string[]) => generateHere('--plan', 'plan.json', ...args);
const nothing = { cwd: '', env: {}, path: '/nonexistent' };
const packOf = (name: string) =>
  JSON.parse(readFileSync(at(`packs/${name}.json`), 'utf8')) as { builders: [Record<string, unknown>] };
const edit = (name: string) => {
  writeFileSync(at(name), `${readFileSync(at(name), 'utf8')}\n# changed\n`);
};

describe('generate --plan', () => {
  test('makes the packs that the plan wants, of the source image that it found, and leaves others alone', async () => {
    await planTo('web', 'redis');
    mkdirSync(at('packs'));
    writeFileSync(at('packs/db.json'), '{"_bakehouse": "pack of db, schema 1: x"}');
    const end = await runGenerate();
    expect(end).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(end.stdout)).toMatchObject({ packs: [{ node: 'redis' }, { node: 'web' }] });
    const { source_ami: source, ...builder } = packOf('redis').builders[0];
    expect(source).toBe('ami-0123456789abcdef0');
    expect(builder).not.toHaveProperty('source_ami_filter');
    expect(readFileSync(at('packs/db.json'), 'utf8')).toBe('{"_bakehouse": "pack of db, schema 1: x"}');
  });

  test('takes --node, too, and says what the plan leaves alone', async () => {
    await planTo('web', 'redis');
    const end = await runGenerate('--node', 'web', '--node', 'db');
    expect(JSON.parse(end.stdout)).toMatchObject({ packs: [{ node: 'web' }] });
    expect(end.stderr).toContain('db: left alone: nothing changed since image ami-a');
    expect(existsSync(at('packs/redis.json'))).toBe(false);
  });

  test('refuses a node that nodes.yaml does not have, be it named or planned, with exit code 2', async () => {
    await planTo('web');
    expect(await runGenerate('--node', 'x')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--node "x" is not in') });
    writeFileSync(at('nodes.yaml'), 'redis: {group: g}\n');
    expect(await runGenerate()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('names web, not in nodes.yaml') });
  }); // prettier-ignore

  test.each<[string, () => void, string]>([
    ['another pack', () => { writeFileSync(at('nodes.yaml'), nodesFile.replace('web: {', 'web: {size: t3.large, ')); }, 'web: the pack would no longer'],
    ['another script', () => { edit('templates/provision/seal.sh'); }, 'web: the scripts would no longer'],
  ])('refuses %s than was planned with exit code 2, and writes nothing', async (_, change, why) => {
    await planTo('web');
    change();
    expect(await runGenerate()).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(why) });
    expect(existsSync(at('packs'))).toBe(false);
  }); // prettier-ignore
});

describe('with nothing to bake', () => {
  test.each(['generate', 'build'])('%s does nothing, needs nothing, and is fine', async (name) => {
    await planTo();
    const end = await stage(name, ['--plan', 'plan.json'], { ...nothing, cwd: folder.path });
    expect(end).toEqual({ exitCode: 0, stdout: '', stderr: 'the plan plan.json has nothing to bake' });
    const named = await stage(name, ['--plan', 'plan.json', '--node', 'db'], {
      ...nothing,
      cwd: folder.path,
    });
    expect(named).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringContaining('db: left alone'),
    });
    expect(existsSync(at('packs'))).toBe(false);
  });
});

describe('build --plan', () => {
  test('goes on to the account when all is as planned', async () => {
    await planTo('web');
    await runGenerate();
    expect(await runBuild()).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('no AWS region'),
    });
  });

  test.each<[string, () => unknown, string]>([
    ['other manifests', () => { edit('templates/environment/manifests/site.pp'); }, 'the files in templates/environment are no longer what was planned'],
    ['other scripts', () => { edit('templates/provision/seal.sh'); }, 'packs/web.json names scripts that are no longer'],
    ['a pack without the plan', () => generateHere(), 'packs/web.json was not generated with this plan'],
    ['other facts', () => { writeFileSync(at('packs/web.facts.json'), '{}'); }, 'packs/web.json was changed after'],
    ['an edited pack', () => { writeFileSync(at('packs/web.json'), readFileSync(at('packs/web.json'), 'utf8').replace('t3.small', 't3.large')); }, 'packs/web.json was changed after'],
  ])('refuses %s with exit code 2', async (_, change, why) => {
    await planTo('web');
    await runGenerate();
    await change();
    expect(await runBuild()).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(why) });
  }); // prettier-ignore

  test('refuses the packs of another plan with exit code 2', async () => {
    await planTo('web');
    await runGenerate();
    writeFileSync(at('plan.json'), readFileSync(at('plan.json'), 'utf8').replaceAll('ami-0123456789abcdef0', 'ami-9'));
    expect(await runBuild()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('the digest of') });
    edit('templates/provision/seal.sh');
    await planTo('web');
    expect(await runBuild()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('was generated with another plan') });
  }); // prettier-ignore
});
