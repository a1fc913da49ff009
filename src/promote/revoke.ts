import type { StageMain } from '../cli/run-stage.ts';
import { loadNodes } from '../nodes/load-nodes.ts';
import type { PromoteFlags } from './promote-flags.ts';
import { writePromoteRecords } from './promote-record.ts';
import { regionsOf } from './region-state.ts';
import { revokeImage } from './revoke-image.ts';
import { revokeRecords, revokeResult } from './revoke-result.ts';

/** `promote --revoke`: takes an image and all that was made of it out of service. */
export const revoke: StageMain<PromoteFlags> = async (flags, { say, signal }) => {
  const { revoke: imageId = '', reason = '', apply } = flags;
  const nodes = await loadNodes(flags.nodes, [], say);
  const { connectRegion } = await import('./promote-account.ts');
  const { lockDeps } = await import('./promote-deps.ts');
  const { referenceAccount } = await import('../references/reference-account.ts');
  const own = await connectRegion();
  const [, ...names] = regionsOf(own.region, nodes);
  const others = await Promise.all(names.map((region) => connectRegion(region)));
  const revoked = await revokeImage(
    { imageId, reason, nodes, apply },
    {
      regions: [own, ...others],
      users: async (region, ids) => {
        const account = await referenceAccount({ ignore: new Set(), allTemplateVersions: false }, region);
        const [all, { references: more }] = await Promise.all([account.references(), account.confirm(ids)]);
        const permissions = (id: string) =>
          (more.get(id) ?? []).filter(({ kind }) => kind === 'launch-permission');
        return new Map(ids.map((id) => [id, [...(all.get(id) ?? []), ...permissions(id)]]));
      },
      ...lockDeps({ say, signal }),
    },
  );
  await writePromoteRecords(flags.reports, revokeRecords(revoked));
  return revokeResult(revoked);
};
