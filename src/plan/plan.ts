import { tag } from '../aws/tags.ts';
import { loadNodes, selectNodes } from '../nodes/load-nodes.ts';
import { writePlanJunit } from './plan-junit.ts';
import { planStage } from './plan-stage.ts';
import { planWorld } from './plan-world.ts';
import type { planCommand } from '../plan.ts';
import type { StageMain } from '../cli/run-stage.ts';

export const plan: StageMain<typeof planCommand> = async (flags, io) =>
  planStage(flags, {
    ...(await planWorld(flags, io)),
    tag,
    // Here, not above: the SDK takes 0.4 s to load, which --help and whoever works without EC2 need not wait for.
    account: async () => (await import('./plan-account.ts')).planAccount(),
    loadNodes: (file, say) => loadNodes(file, [], say),
    select: (all) => selectNodes(all, flags.node, flags.nodes),
    writeJunit: (cases) => writePlanJunit(flags.reports, cases),
    say: io.say,
  });
