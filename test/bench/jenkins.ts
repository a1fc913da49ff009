import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSite, writeEnvironment } from '../e2e/jenkins-site.ts';
import type { AgentWish, BuildEnd } from '../jenkins/controller.ts';
import { figures, median, timed } from './figures.ts';
import { imageId } from './large-account.ts';
import { serveAccount } from './served-account.ts';

const nodes = 10;
const parallel = 4;
const job = 'bake-on-commit';

/**
 * What the pipeline itself costs for ten nodes, four at a time, each on an agent of its own: checkouts, starts of the stages, stashes.
 * Packer is a stand-in that fails at once, Puppet's answers are remembered from a build before, and EC2 has no machines.
 * Goal: 10 s.
 */
export async function benchJenkins(runs = 2): Promise<string[]> {
  // One image, for all bakes to begin with.
  const size = {
    nodes: 1,
    imagesPerNode: 1,
    instances: 0,
    templates: 0,
    versionsPerTemplate: 0,
    groups: 0,
    parameters: 0,
  };
  const account = await serveAccount(size, Date.now());
  const site = await openSite(account.env);
  const bin = join(site.folder, 'bin');
  mkdirSync(bin);
  const packer = join(bin, 'packer');
  writeFileSync(packer, '#!/bin/sh\n[ "$1" = version ] && echo "Packer v1.6.6" && exit 0\nexit 1\n');
  chmodSync(packer, 0o755);
  const path = `${bin}:${process.env.PATH ?? ''}`;
  const agents: AgentWish[] = [];
  for (let agent = 0; agent < parallel; agent += 1)
    agents.push(await site.agent(String(agent), job, { path }));
  const names = Array.from({ length: nodes }, (_, node) => `node-${String(node)}`);
  const url = await site.project('project', (place) => {
    writeFileSync(
      join(place, 'nodes.yaml'),
      names.map((name) => `${name}: {group: redis, source_ami: ${imageId(0, 0)}}\n`).join(''),
    );
    rmSync(join(place, 'templates/environment'), { recursive: true });
    writeEnvironment(
      join(place, 'templates/environment'),
      Object.fromEntries(names.map((name) => [name, "notify { 'measured': }"])),
    );
  });
  const build = (parameters: Record<string, string>) =>
    site.build({ job, agents, scm: { url, branch: 'main' }, parameters });
  // Not counted: the job's first build, in which the agents fill their caches.
  await build({});
  const times: number[] = [];
  let last: BuildEnd | undefined;
  for (let run = 0; run < runs; run += 1) {
    times.push(
      await timed(async () => {
        last = await build({ PARALLEL: String(parallel) });
      }),
    );
  }
  // Here all agents share two cores. What it is where each has a computer of its own follows from a build of one node.
  let one: BuildEnd | undefined;
  const alone = await timed(async () => {
    one = await build({ NODES: names[0] ?? '' });
  });
  const bake = one?.steps.find(({ step, branch }) => step === 'node' && branch !== null)?.ms ?? Number.NaN;
  const rounds = Math.ceil(nodes / parallel);
  await site.stop();
  await account.stop();
  if (last?.branches.length !== nodes)
    throw new Error(`not what was to be measured:\n${last?.console ?? ''}`);
  return [
    `Jenkins, ${nodes} nodes, ${parallel} at a time, no Packer:  ${figures(times)} (goal 10 s)`,
    `  where each agent has a computer:    ${((alone + (rounds - 1) * bake) / 1000).toFixed(2)} s, of one node ${(alone / 1000).toFixed(2)} s, of which its branch ${(bake / 1000).toFixed(2)} s`,
    ...steps(last),
  ];
}

/** What a step takes, and how often it is done. */
function steps({ steps }: BuildEnd): string[] {
  const shells = steps.filter(({ step }) => ['sh', 'stash', 'unstash', 'checkout'].includes(step));
  const name = ({ step, label }: (typeof shells)[number]) => (step === 'sh' ? (label ?? '') : step);
  return [...new Set(shells.map(name))].map((one) => {
    const times = shells.filter((step) => name(step) === one).map(({ ms }) => ms);
    return (
      `  ${one}:`.padEnd(38) +
      `${String(times.length).padStart(3)} times, median ${median(times).toFixed(0)} ms`
    );
  });
}
