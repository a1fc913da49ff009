import { deepStrictEqual } from 'node:assert';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../cli/stage-process.ts';
import { callsIn, expectedCalls, expectedToGo } from './expected-cleanup.ts';
import { type AccountSize, nodeName } from './large-account.ts';
import { measureStage, row, type Measured } from './measure-stage.ts';
import { serveAccount } from './served-account.ts';

/** What cleanup lets go in a run, unless it is told otherwise. */
const fuse = 20;
const users = { instances: 500, templates: 30, versionsPerTemplate: 10, groups: 20, parameters: 100 };
const small: AccountSize = { nodes: 20, imagesPerNode: 50, ...users };
const large: AccountSize = { ...small, nodes: 200 };

/** What the bench looks at in `cleanup.json`. */
interface CleanupFile {
  decisions: {
    image: { id: string };
    action: string;
    outcome?: { kind: string; deletedSnapshots: string[] };
  }[];
}

/**
 * cleanup as a process, over the API of the local cloud with 1,000 and 10,000 images: a plan of each, and then what
 * the usual fuse lets go. Goals: calls by pages, none for each image; a peak of at most 1.5 times.
 */
export async function benchCleanup(): Promise<string[]> {
  const help = await measureStage('cleanup', ['--help'], {});
  const [few, many] = [await benchAccount(small), await benchAccount(large)];
  return [
    row('cleanup --help', help),
    ...few.lines,
    ...many.lines,
    `peak of 10,000 images over 1,000's:`.padEnd(44) + `${(many.peak / few.peak).toFixed(2)} (goal 1.5)`,
  ];
}

async function benchAccount(size: AccountSize): Promise<{ lines: string[]; peak: number }> {
  const folder = temporaryFolder();
  const [nodes, reports] = [join(folder.path, 'nodes.yaml'), join(folder.path, 'reports')];
  writeFileSync(nodes, Array.from({ length: size.nodes }, (_, n) => `${nodeName(n)}: {group: g}\n`).join(''));
  const nowMs = Date.now();
  const account = await serveAccount(size, nowMs);
  const cleanup = (flags: string[], runs: number) =>
    measureStage(
      'cleanup',
      ['--nodes', nodes, '--reports', reports, '--verbose', ...flags],
      account.env,
      runs,
    );
  const decisions = () =>
    (JSON.parse(readFileSync(join(reports, 'cleanup.json'), 'utf8')) as CleanupFile).decisions;
  const toGo = expectedToGo(size, nowMs);
  const first = toGo.slice(0, fuse).sort();
  const images = size.nodes * size.imagesPerNode;

  const plan = await cleanup([], 5);
  const ids = (action: string) => decisions().flatMap((one) => (one.action === action ? [one.image.id] : []));
  deepStrictEqual(decisions().length, images);
  deepStrictEqual(ids('delete').sort(), first);
  deepStrictEqual(ids('hold').sort(), toGo.slice(fuse).sort());
  const deed = await cleanup(['--apply'], 1);
  const deleted = decisions().filter(({ outcome }) => outcome?.kind === 'deleted');
  deepStrictEqual(deleted.map(({ image }) => image.id).sort(), first);
  deepStrictEqual(deleted.flatMap(({ outcome }) => outcome?.deletedSnapshots).length, fuse);
  await account.stop();
  folder.remove();
  const what = `cleanup, ${images.toLocaleString('en')} images`;
  return {
    peak: plan.peak,
    lines: [
      row(`${what}, a plan`, plan),
      ...calls(plan, expectedCalls(size, fuse)),
      row(`${what}, ${fuse} deleted`, deed),
      ...calls(deed),
    ],
  };
}

/** How often each action was called, beside what the sizes of pages make necessary. */
function calls({ stderr }: Measured, expected?: ReadonlyMap<string, number>): string[] {
  const made = callsIn(stderr);
  const sum = (counts: Iterable<number>) => [...counts].reduce((all, count) => all + count, 0);
  if (expected === undefined) return [`  ${sum(made.values())} calls`];
  return [
    ...[...new Set([...made.keys(), ...expected.keys()])].map(
      (action) => `  ${action.padEnd(42)}${made.get(action) ?? 0} (by pages ${expected.get(action) ?? 0})`,
    ),
    `  ${'all calls'.padEnd(42)}${sum(made.values())} (by pages ${sum(expected.values())})`,
  ];
}
