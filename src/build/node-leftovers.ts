import type { Progress } from '../cli/progress.ts';
import type { CleanCertificate } from '../puppet/ca/certificates.ts';
import type { BakeAccount } from './bake-account.ts';
import type { BakeRecord } from './bake-record.ts';
import type { BakeRun } from './start-run.ts';

/** What removes leftovers, and shows what became of them. */
export interface LeftoverDeps {
  account: Pick<BakeAccount, 'removeLeftovers' | 'removeServers' | 'removeEndedRuns'>;
  cleanCertificate: CleanCertificate;
  progress: Pick<Progress, 'say'>;
}

/**
 * Removes what the node's bake before, or its verify, left: when it was killed, and when it could not remove all then.
 * Answers what is still there.
 */
export async function removeEarlierLeftovers(earlier: BakeRecord, deps: LeftoverDeps): Promise<string[]> {
  const killed = earlier.status === 'running';
  const left = killed || earlier.leftovers.length > 0 ? await removeLeftoversOf(earlier, deps) : [];
  // A killed verify leaves its servers, and the certificate that it asked for under the bake's name.
  const servers = earlier.status === 'baked' ? await removeVerifyServers(earlier, deps) : [];
  return [...left, ...servers, ...(await removeCertificate(earlier, deps))];
}

/** Removes what other ended runs left of the node. Whatever goes wrong does not fail this bake. */
export async function removeEndedRuns(
  { node, run }: Pick<BakeRecord, 'node' | 'run'>,
  { timeoutMs, signal }: Pick<BakeRun, 'timeoutMs' | 'signal'>,
  { account, progress }: Pick<LeftoverDeps, 'account' | 'progress'>,
): Promise<void> {
  if (signal.aborted) return;
  try {
    const { removed, left } = await account.removeEndedRuns({ node, run, timeoutMs, signal });
    if (removed.length > 0) progress.say(node, `removed what earlier runs left: ${removed.join(', ')}`);
    for (const what of left)
      progress.say(node, `warning: left by an earlier run, could not be removed: ${what}`);
  } catch (error) {
    progress.say(node, `warning: what earlier runs left is not known: ${(error as Error).message}`);
  }
}

/** Removes what a bake left in EC2; answers what is still there. */
export async function removeLeftoversOf(bake: BakeRecord, deps: LeftoverDeps): Promise<string[]> {
  return stillThere(bake, deps, async () => {
    const { removed, left } = await deps.account.removeLeftovers(bake);
    if (removed.length > 0)
      deps.progress.say(bake.node, `removed what run ${bake.run} left: ${removed.join(', ')}`);
    return left;
  });
}

function removeVerifyServers(bake: BakeRecord, deps: LeftoverDeps): Promise<string[]> {
  return stillThere(bake, deps, () => deps.account.removeServers(bake));
}

/** What is still there after a removal, each with a warning; when EC2 cannot be asked, that may be everything. */
async function stillThere(
  { node, run }: BakeRecord,
  { progress }: Pick<LeftoverDeps, 'progress'>,
  remove: () => Promise<string[]>,
): Promise<string[]> {
  try {
    const left = await remove();
    for (const what of left) progress.say(node, `warning: could not be removed: ${what}`);
    return left;
  } catch (error) {
    const what = `whatever has the tag bakehouse:run=${run} (EC2 cannot be asked: ${(error as Error).message})`;
    progress.say(node, `warning: may be left: ${what}`);
    return [what];
  }
}

/**
 * Removes a bake's certificate from its Puppet server, where the next bake of that name would be refused; answers what is
 * still there, with the reason.
 */
export async function removeCertificate(
  { node, certname, puppetServer }: Pick<BakeRecord, 'node' | 'certname' | 'puppetServer'>,
  { cleanCertificate, progress }: Pick<LeftoverDeps, 'cleanCertificate' | 'progress'>,
): Promise<string[]> {
  if (certname === undefined || puppetServer === undefined) return [];
  const why = await cleanCertificate(puppetServer, certname);
  if (why === undefined) return [];
  const left = `certificate ${certname} on ${puppetServer} (${why})`;
  progress.say(node, `warning: not cleaned: ${left}`);
  return [left];
}
