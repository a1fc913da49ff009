import { cleanUpCertificate } from './bake-certificate.ts';
import type { BakeWorld, Run } from './bake-node.ts';
import type { BakeRecord } from './bake-record.ts';

/** Removes what a bake or its verify may have left that was killed, or whose leavings could not all be removed. */
export async function sweepEarlier(earlier: BakeRecord, world: BakeWorld): Promise<string[]> {
  const killed = earlier.status === 'running';
  const left = killed || earlier.leftovers.length > 0 ? await sweep(earlier, world) : [];
  // A verify that was killed leaves its servers, and the certificate that it asked for under the bake's name.
  if (earlier.status === 'baked')
    left.push(...(await orDoubt(earlier, world, () => removeProof(earlier, world))));
  return [...left, ...(await cleanUpCertificate(earlier, world))];
}

/** Removes what other runs have left of the node; this bake does not fail because of them. */
export async function reapEarlier(
  { node, run }: Pick<BakeRecord, 'node' | 'run'>,
  { timeoutMs, signal }: Pick<Run, 'timeoutMs' | 'signal'>,
  world: Pick<BakeWorld, 'reap' | 'say'>,
): Promise<void> {
  if (signal.aborted) return;
  try {
    const { removed, left } = await world.reap({ node, run, timeoutMs, signal });
    if (removed.length > 0) world.say(node, `removed what earlier runs left: ${removed.join(', ')}`);
    for (const what of left)
      world.say(node, `warning: left by an earlier run, could not be removed: ${what}`);
  } catch (error) {
    world.say(node, `warning: no look-up of what earlier runs left: ${(error as Error).message}`);
  }
}

/** Removes what a bake left; answers what is still there. */
export async function sweep(bake: BakeRecord, world: BakeWorld): Promise<string[]> {
  return orDoubt(bake, world, async () => {
    const { removed, left } = await world.removeLeftovers(bake);
    if (removed.length > 0) world.say(bake.node, `removed what run ${bake.run} left: ${removed.join(', ')}`);
    return tell(bake, left, world);
  });
}

async function removeProof(bake: BakeRecord, world: BakeWorld): Promise<string[]> {
  return tell(bake, await world.removeProof(bake), world);
}

function tell(bake: BakeRecord, left: string[], world: BakeWorld): string[] {
  for (const what of left) world.say(bake.node, `warning: could not be removed: ${what}`);
  return left;
}

/** What is still there after `how`; where that could not even look, all may be. */
async function orDoubt(bake: BakeRecord, world: BakeWorld, how: () => Promise<string[]>): Promise<string[]> {
  try {
    return await how();
  } catch (error) {
    const why = `whatever has the tag bakehouse:run=${bake.run} (no look-up: ${(error as Error).message})`;
    world.say(bake.node, `warning: may be left: ${why}`);
    return [why];
  }
}
