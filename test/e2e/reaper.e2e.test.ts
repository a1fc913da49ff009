import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { stage, temporaryFolder } from '../cli/stage-process.ts';
import { bystanders, describeAll, ofRun } from './bystanders.ts';
import { StageProcess, withoutPuppet } from './build-process.ts';
import { openGate, type PassingCall } from './call-gate.ts';
import { type Cloud, startCloud, whatIsThere } from './local-cloud.ts';
import { below, killHard } from './process-tree.ts';
import { plainDebian } from './puppet-image.ts';

/**
 * Build and its Packer are killed in each phase of a bake, several side by side; the reaper then leaves nothing of
 * that run, and touches nothing of the others. A phase is a call of EC2 that the bake makes.
 */

const minutes = 60_000;
const folder = temporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);

const served = (action: string) => (call: PassingCall) => call.when === 'after' && call.action === action;
const asked = (action: string) => (call: PassingCall) => call.when === 'before' && call.action === action;
/** The first of these calls after another was served. */
const then = (before: string, is: (call: PassingCall) => boolean) => (call: PassingCall) =>
  call.served.slice(0, call.when === 'after' ? -1 : undefined).includes(before) && is(call);

/** When to kill, and whether the image is made and tagged by then: that is retention's. */
const phases: [string, (call: PassingCall) => boolean, 'image'?][] = [
  ['the key pair is made', served('ImportKeyPair')],
  ['the machine is to be asked for', asked('RunInstances')],
  ['the machine is asked for', served('RunInstances')],
  ['the machine boots', then('RunInstances', served('DescribeInstances'))],
  ['the machine is asked for IMDSv2', served('ModifyInstanceMetadataOptions')],
  ['the machine is provisioned and to be stopped', asked('StopInstances')],
  ['the machine stops', served('StopInstances')],
  ['the machine is to be imaged', asked('CreateImage')],
  ['the image is begun', served('CreateImage')],
  ['the image is pending', then('CreateImage', served('DescribeImages'))],
  ['the image is to be tagged', then('CreateImage', asked('CreateTags'))],
  ['the image is tagged', then('CreateImage', served('CreateTags')), 'image'],
  ['the machine is to be terminated', asked('TerminateInstances'), 'image'],
  ['the machine is terminated', served('TerminateInstances'), 'image'],
  ['the key pair is to be deleted', asked('DeleteKeyPair'), 'image'],
];
const nodeOf = (index: number) => `node-${index}`;
const runOf = (index: number) => `job-${index}`;

let cloud: Cloud;
let others: Awaited<ReturnType<typeof bystanders>>;
let before: unknown;
type Found = Awaited<ReturnType<typeof ofRun>>;
const ends: { left: Found; atKill: Found; toTell: string[] }[] = [];

beforeAll(async () => {
  cloud = await startCloud();
  const keys = `{group: redis, ${plainDebian}}`;
  writeFileSync(at('nodes.yaml'), phases.map((_, index) => `${nodeOf(index)}: ${keys}\n`).join(''));
  mkdirSync(at('manifests'));
  await stage('generate', ['--nodes', at('nodes.yaml'), '--out', at('packs')], { env: cloud.env });
  for (const index of phases.keys()) withoutPuppet(at('packs', `${nodeOf(index)}.json`));
  others = await bystanders(cloud.ec2, nodeOf(0), runOf(0));
  before = await describeAll(cloud.ec2, others);
  const queue = pLimit(4);
  const killed = phases.map(([, is], index) => queue(() => killAndReap(index, is)));
  ends.push(...(await Promise.all(killed)));
}, 5 * minutes);
afterAll(async () => {
  await cloud.stop();
  folder.remove();
}, 2 * minutes);

async function killAndReap(index: number, is: (call: PassingCall) => boolean) {
  let kill: () => void = () => undefined;
  const killed = new Promise<void>((resolve) => (kill = resolve));
  const gate = await openGate(cloud.env.AWS_ENDPOINT_URL ?? '', (call) => {
    if (!is(call)) return false;
    // Before the call goes on, or its answer back: the bake gets no further than this.
    for (const pid of [...below(build.child.pid ?? 0).reverse(), build.child.pid ?? 0]) killHard(pid);
    kill();
    return true;
  });
  const args = ['--nodes', at('nodes.yaml'), '--node', nodeOf(index), '--packs', at('packs')];
  const build: StageProcess = new StageProcess(
    'build',
    [...args, '--manifests', at('manifests'), '--reports', at('reports')],
    { ...cloud.env, AWS_ENDPOINT_URL: gate.url, BUILD_TAG: runOf(index) },
  );
  const end = await Promise.race([killed, build.ended]);
  if (end !== undefined)
    throw new Error(`${phases[index]?.[0] ?? ''}: never met\n${build.stderr}${build.stdout}`);
  await build.ended;
  gate.close();
  const atKill = await ofRun(cloud.ec2, runOf(index));
  const toTell = await reap(index);
  const left = await ofRun(cloud.ec2, runOf(index));
  return { left, atKill, toTell };
}

/** The stage as Jenkins calls it after a build; answers what it could not remove, and why. */
async function reap(index: number): Promise<string[]> {
  const args = ['--leaks', '--finished', runOf(index), '--apply', '--json', '--nodes', at('nodes.yaml')];
  const reports = ['--reports', at('reports', `leaks of ${index}`)];
  const { exitCode, stdout, stderr } = await stage('cleanup', [...args, ...reports], { env: cloud.env });
  if (exitCode !== 0) return [`exit code ${exitCode ?? 'none'}`, stderr, stdout];
  const { decisions } = JSON.parse(stdout) as { decisions: { outcome?: { kind: string } }[] };
  const bad = decisions.filter(
    ({ outcome }) => outcome !== undefined && !/^(deleted|gone)$/.test(outcome.kind),
  );
  return bad.map((decision) => JSON.stringify(decision));
}

test.each(phases.map(([phase, , image], index) => [phase, index, image] as const))(
  'kill -9 when %s leaves nothing that the reaper does not remove',
  (_, index, image) => {
    const end = ends[index];
    // There was something to remove.
    expect(Object.values(end?.atKill ?? {}).flat()).not.toEqual([]);
    expect(end?.toTell).toEqual([]);
    const { images = [], snapshots = [], ...rest } = end?.left ?? {};
    expect(rest).toEqual({ instances: [], volumes: [], keyPairs: [] });
    // Its snapshot may not bear the tag yet: it goes with the image.
    if (image === undefined) expect([images, snapshots]).toEqual([[], []]);
    else expect(images).toHaveLength(1);
  },
);

test("key pair, machine and disk bear the run's tag from their first second", () => {
  const asked = ends[phases.findIndex(([phase]) => phase === 'the machine is asked for')];
  const keyPairs = [expect.stringMatching(/^bakehouse-node-2-job-2$/)];
  expect(asked?.atKill).toMatchObject({
    instances: [expect.any(String)],
    volumes: [expect.any(String)],
    keyPairs,
  });
});

test('nothing of the other runs, and no server, was touched', async () => {
  expect(await describeAll(cloud.ec2, others)).toEqual(before);
});

test('nothing else is there, with a tag or without', async () => {
  const there = await whatIsThere(cloud.ec2);
  const kept = ends.flatMap(({ left }) => left.images);
  const images = [...kept, ...others.images];
  expect([...there.images].sort()).toEqual([...images].sort());
  expect(there.snapshots).toHaveLength(images.length);
  expect([...there.instances].sort()).toEqual([...others.instances].sort());
  expect([...there.keyPairs].sort()).toEqual([...others.keyPairs].sort());
  // A root device for each machine, and the volumes by themselves.
  expect(there.volumes).toHaveLength(others.instances.length + others.volumes.length);
});
