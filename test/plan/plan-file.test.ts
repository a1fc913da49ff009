import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/plan/digest.ts';
import { parsePlanFile, planFileOf, readPlanFile, writePlanFile } from '../../src/plan/plan-file.ts';
import type { Decision } from '../../src/plan/reason.ts';
import { root } from '../cli/stage-process.ts';
import { inputsOf, pack } from './nodes.ts';

const folder = mkdtempSync(join(tmpdir(), 'bakehouse plan '));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const decisions: Decision[] = [
  { node: 'web', action: 'bake', reasons: [{ kind: 'no-image' }] },
  { node: 'redis', action: 'skip', reasons: [{ kind: 'unchanged', image: 'ami-a' }], image: 'ami-a' },
  { node: 'db', action: 'failed', reasons: [{ kind: 'not-compiled', problem: { kind: 'empty', message: 'says nothing' } }] },
  { node: 'app', action: 'bake', reasons: [{ kind: 'forced' }] },
]; // prettier-ignore
const inputs = inputsOf();
const known = new Map(
  ['web', 'redis', 'app'].map((name) => [name, { inputs, pack, sourceAmi: inputs.source }] as const),
);
const about = {
  createdAt: '2026-01-02T03:04:05.678Z',
  region: 'us-east-1',
  manifests: { commit: 'c0ffee', dirty: false, tree: 'abc' },
};
const plan = planFileOf(decisions, known, about);

describe('plan.json', () => {
  test('lists what to bake in the order of nodes.yaml, and says all of every node', () => {
    const digest = digestOf(inputs);
    const record = 'template=666666666666 facts=0';
    expect(plan).toEqual({
      schema: 1,
      ...about,
      bake: ['web', 'app'],
      nodes: [
        { node: 'web', action: 'bake', reasons: [{ kind: 'no-image', text: 'no verified image' }], digest, inputs, record, sourceAmi: inputs.source },
        { node: 'redis', action: 'skip', reasons: [{ kind: 'unchanged', image: 'ami-a', text: 'nothing changed since image ami-a' }], digest, inputs, record, sourceAmi: inputs.source, image: 'ami-a' },
        { node: 'db', action: 'failed', reasons: [{ kind: 'not-compiled', problem: { kind: 'empty', message: 'says nothing' }, text: 'says nothing' }] },
        { node: 'app', action: 'bake', reasons: [{ kind: 'forced', text: 'forced' }], digest, inputs, record, sourceAmi: inputs.source },
      ],
    });
  }); // prettier-ignore

  test('comes back as it was written, nothing else beside it', async () => {
    const file = join(folder, 'new', 'plan.json');
    await writePlanFile(file, plan);
    expect(await readPlanFile(file)).toEqual(plan);
    expect(readdirSync(join(folder, 'new'))).toEqual(['plan.json']);
    expect(readFileSync(file, 'utf8')).toMatch(/^\{\n {2}"schema": 1,/);
  });

  test('of November 2026 is read whole', async () => {
    const file = join(root, 'test/plan/fixtures/plan.json');
    expect(await readPlanFile(file)).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  });

  test('may have nothing to bake', () => {
    const nothing = planFileOf(decisions.slice(1, 2), known, about);
    expect(parsePlanFile(JSON.stringify(nothing), 'p').bake).toEqual([]);
  });

  test('that cannot be written says where', async () => {
    writeFileSync(join(folder, 'file'), '');
    const file = join(folder, 'file', 'plan.json');
    await expect(writePlanFile(file, plan)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/plan\.json cannot be written \((ENOTDIR|EEXIST)\): give a file/),
    });
  });
});

describe('a plan is refused', () => {
  const first = (over: object) => ({ nodes: [{ ...plan.nodes[0], ...over }, ...plan.nodes.slice(1)] });

  test('that is missing, or a folder', async () => {
    await expect(readPlanFile(join(folder, 'none.json'))).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('none.json does not exist: make one with plan') });
    await expect(readPlanFile(folder)).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('cannot be read (EISDIR)') });
  }); // prettier-ignore

  test.each<[string, string, string]>([
    ['that is not JSON', '{', 'the plan p.json is not JSON: make a new one with plan'],
    ['that is empty', '', 'is not JSON'],
    ['that is null', 'null', 'of schema 1'],
    ["of cleanup's", '{"schema": 1, "decisions": []}', "is one of cleanup's"],
    ...(
      [
        ['of another schema', { schema: 2 }, 'schema 1 (schema: '],
        ['without EC2', { region: null }, 'made with --offline'],
        ['without the list', { bake: undefined }, 'bake: '],
        ['without a time', { createdAt: 'today' }, 'createdAt: '],
        ['without manifests', { manifests: {} }, 'manifests.commit'],
        ['that bakes what it does not know', { bake: ['web', 'x'] }, 'x is not judged'],
        ['that bakes what it skips', { bake: ['redis'] }, 'redis is not judged'],
        ['that bakes what failed', { bake: ['db'] }, 'db is not judged'],
        ['with half a digest', first({ digest: 'ab' }), 'nodes.0.digest'],
        ['without inputs', first({ inputs: undefined }), 'web is not judged'],
        ['whose inputs were changed', first({ inputs: inputsOf({ catalog: 'x' }) }), 'the digest of web is not that of its inputs'],
        ['with an action that there is not', first({ action: 'burn' }), 'nodes.0.action'],
      ] as const
    ).map(([name, over, why]): [string, string, string] => [name, JSON.stringify({ ...plan, ...over }), why]),
  ])('%s', (_, content, why) => {
    const refused = expect.objectContaining({ exitCode: 2, message: expect.stringContaining(why) });
    expect(() => parsePlanFile(content, 'p.json')).toThrow(refused);
    expect(() => parsePlanFile(content, 'p.json')).toThrow(/^[^\n]+$/);
  }); // prettier-ignore
});
