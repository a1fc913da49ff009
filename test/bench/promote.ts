import { deepStrictEqual } from 'node:assert';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { PromoteRecord } from '../../src/promote/promote-record.ts';
import { root, temporaryFolder } from '../cli/stage-process.ts';
import { callsIn } from './expected-cleanup.ts';
import { type AccountSize, imageId, nodeName } from './large-account.ts';
import { type Measured, measureStage, row } from './measure-stage.ts';
import { serveAccount } from './served-account.ts';

const none = { instances: 0, templates: 0, versionsPerTemplate: 0, groups: 0, parameters: 0 };
const size: AccountSize = { nodes: 20, imagesPerNode: 50, ...none };
const others = ['eu-west-1', 'us-west-2'];
const regions = 1 + others.length;

/**
 * promote as a process, compiled as the package has it, over the API of the local cloud: 20 nodes with 1,000 images into 3 regions, and then nothing to
 * do. Goals: the calls that pages and writes make; with nothing to do at most 1 s.
 */
export async function benchPromote(): Promise<string[]> {
  const stages = join(root, `dist.bench-${process.pid}`);
  await execa('node', ['jobs/compile.mjs', '', stages], { cwd: root });
  process.env.BAKEHOUSE_TEST_STAGES = stages;
  const folder = temporaryFolder();
  const [nodes, reports] = [join(folder.path, 'nodes.yaml'), join(folder.path, 'reports')];
  const names = Array.from({ length: size.nodes }, (_, node) => nodeName(node));
  const promote = `{regions: {${others.map((region) => `${region}: {}`).join(', ')}}}`;
  writeFileSync(nodes, names.map((name) => `${name}: {group: g, promote: ${promote}}\n`).join(''));
  const account = await serveAccount(size, Date.now());
  const run = (flags: string[], runs: number) =>
    measureStage(
      'promote',
      ['--nodes', nodes, '--reports', reports, '--verbose', ...flags],
      account.env,
      runs,
    );
  const help = await measureStage('promote', ['--help'], {});
  const plan = await run([], 3);
  const first = await run(['--apply'], 1);
  for (const [node, name] of names.entries()) {
    const record = JSON.parse(readFileSync(join(reports, name, 'promote.json'), 'utf8')) as PromoteRecord;
    deepStrictEqual(record.image, imageId(node, 0));
    deepStrictEqual(
      record.regions.map(({ parameter }) => parameter.changed),
      Array(regions).fill(true),
    );
  }
  const again = await run(['--apply'], 5);
  await account.stop();
  folder.remove();
  delete process.env.BAKEHOUSE_TEST_STAGES;
  rmSync(stages, { recursive: true });
  const what = `promote, ${size.nodes} nodes × ${regions} regions`;
  return [
    row('promote --help', help),
    row(`${what}, a plan`, plan),
    ...calls(plan, reads()),
    row(`${what}, all of it`, first),
    ...calls(first, writes()),
    row(`${what}, nothing to do`, again),
    ...calls(again, reads(1)),
  ];
}

const pages = (count: number, perPage: number) => Math.max(1, Math.ceil(count / perPage));

/** Pages of images, 10 parameters a call. @param copies of each node, in the other regions */
function reads(copies = 0): Map<string, number> {
  const images =
    pages(size.nodes * size.imagesPerNode, 500) + others.length * pages(size.nodes * copies, 500);
  return new Map([
    ['ec2:DescribeImages', images],
    ['ssm:GetParameters', regions * pages(size.nodes, 10)],
  ]);
}

/** Of each node: its copies; its lock; in each region a last look, tags, a parameter, and whether AWS has taken it. */
function writes(): Map<string, number> {
  const { nodes } = size;
  const each = nodes * regions;
  const known = reads();
  // What the 5 copies at a time of a region come to is asked together.
  const waits = others.length * pages(nodes, 5);
  return new Map([
    ['ec2:CopyImage', nodes * others.length],
    ['ec2:CreateTags', each],
    ['ec2:DescribeImages', (known.get('ec2:DescribeImages') ?? 0) + waits + each],
    ['ssm:DeleteParameter', nodes],
    ['ssm:GetParameters', (known.get('ssm:GetParameters') ?? 0) + 2 * each + nodes],
    ['ssm:PutParameter', each + nodes],
  ]);
}

/** How often each action was called, beside what pages and writes make necessary. */
function calls({ stderr }: Measured, expected: ReadonlyMap<string, number>): string[] {
  const made = callsIn(stderr);
  const sum = (counts: Iterable<number>) => [...counts].reduce((all, count) => all + count, 0);
  const line = (action: string, count: number, by: number) =>
    `  ${action.padEnd(42)}${count} (by pages and writes ${by})`;
  return [
    ...[...new Set([...made.keys(), ...expected.keys()])].map((action) =>
      line(action, made.get(action) ?? 0, expected.get(action) ?? 0),
    ),
    line('all calls', sum(made.values()), sum(expected.values())),
  ];
}
