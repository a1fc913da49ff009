import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../cli/stage-process.ts';
import { callsIn } from './expected-cleanup.ts';
import { type AccountSize, nodeName } from './large-account.ts';
import { measureStage, row } from './measure-stage.ts';
import { serveAccount } from './served-account.ts';

const users = { instances: 500, templates: 30, versionsPerTemplate: 10, groups: 20, parameters: 100 };
const size: AccountSize = { nodes: 60, imagesPerNode: 50, ...users };

/** status as a process, over the API of the local cloud: 60 nodes with 3,000 images in two regions. No call for each image or node. */
export async function benchStatus(): Promise<string[]> {
  const folder = temporaryFolder();
  const nodes = join(folder.path, 'nodes.yaml');
  const names = Array.from({ length: size.nodes }, (_, node) => nodeName(node));
  writeFileSync(
    nodes,
    names.map((name) => `${name}: {group: g, promote: {regions: {eu-west-1: {}}}}\n`).join(''),
  );
  const account = await serveAccount(size, Date.now());
  const help = await measureStage('status', ['--help'], {});
  const args = ['--nodes', nodes, '--reports', join(folder.path, 'reports'), '--verbose'];
  const table = await measureStage('status', args, account.env);
  await account.stop();
  folder.remove();
  const calls = callsIn(table.stderr);
  return [
    row('status --help', help),
    row(`status, ${size.nodes} nodes × ${size.imagesPerNode} images × 2 regions`, table),
    ...[...calls].map(([action, count]) => `  ${action.padEnd(42)}${count}`),
    `  ${'all calls'.padEnd(42)}${[...calls.values()].reduce((sum, count) => sum + count, 0)}`,
  ];
}
