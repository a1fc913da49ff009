import { cleanUp } from './images/clean-up.ts';
import { writeCleanup } from './images/cleanup-file.ts';
import { cleanupResult } from './images/cleanup-result.ts';
import { loadNodes, selectNodes } from './nodes/load-nodes.ts';
import { cleanupCommand } from './stage/commands.ts';
import { runStage } from './stage/run-stage.ts';

await runStage(cleanupCommand, async (flags, { say, signal }) => {
  // All, whatever is chosen: a node that was not named must not look like one that nodes.yaml does not have.
  const nodes = await loadNodes(flags.nodes, [], say);
  selectNodes(nodes, flags.node, flags.nodes);
  const keep = new Map(nodes.map((node) => [node.name, node.keep ?? flags.keep]));
  // Here, not above: the SDK takes 0.4 s to load, which --help and wrong flags need not wait for.
  const { cleanupAccount } = await import('./images/cleanup-account.ts');
  const account = await cleanupAccount();
  const order = { keep, only: flags.node, apply: flags.apply, signal };
  const cleanup = await cleanUp(order, {
    ...account,
    now: () => new Date(),
    record: (known) => writeCleanup(flags.reports, known),
  });
  return cleanupResult(cleanup);
});
