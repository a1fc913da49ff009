import type { Node } from '../nodes/node.ts';
import type { Failure } from '../aws/call-failure.ts';
import type { RegionImage } from './promote-account.ts';
import type { NodePlan, PromoteOptions } from './node-plan.ts';
import type { PointerRecord, PromoteRecord, RegionRecord } from './promote-record.ts';
import type { RegionPlan } from './region-plan.ts';
import type { Moved } from './set-pointers.ts';

/** What became of a node. */
export interface NodeResult {
  record: PromoteRecord;
  /** Why it is not current in all its regions. */
  failures: readonly Failure[];
}

/** A node that cannot be promoted, or whose copies or permissions could not be made: no pointer was moved. */
export function refusedRecord(
  node: Node,
  { kind, apply }: PromoteOptions,
  failures: readonly Failure[],
  original?: RegionImage,
): NodeResult {
  const problems = failures.map(({ message }) => message);
  const chosen = original === undefined ? {} : { image: original.id, run: original.run };
  const record: PromoteRecord = {
    ...{ schema: 1, kind, node: node.name, applied: apply },
    ...{ ...chosen, regions: [], problems, notes: [] },
  };
  return { record, failures };
}

/** What would be done for a node. */
export function plannedRecord(plan: NodePlan, options: PromoteOptions): NodeResult {
  return { record: recordOf(plan, options, []), failures: [] };
}

/**
 * What was done for a node.
 * @param moved what became of its pointers; none: they were as they should be
 */
export function promotedRecord(plan: NodePlan, options: PromoteOptions, moved: readonly Moved[]): NodeResult {
  const failures = moved.flatMap(({ region, failure }) =>
    failure === undefined ? [] : [{ ...failure, message: `${region}: ${failure.message}` }],
  );
  const record = recordOf(plan, options, moved);
  return { record: { ...record, problems: failures.map(({ message }) => message) }, failures };
}

function recordOf(
  { node, original, regions, notes }: NodePlan,
  { kind, apply }: PromoteOptions,
  moved: readonly Moved[],
): PromoteRecord {
  const { name } = node;
  return {
    ...{ schema: 1, kind, node: name, applied: apply, image: original.id, run: original.run },
    regions: regions.map((region) =>
      regionRecord(
        region,
        node,
        moved.find((one) => one.region === region.state.region),
        apply,
      ),
    ),
    problems: [],
    notes,
  };
}

function regionRecord(
  { state, copy, current, parameterVersion, template }: RegionPlan,
  { promote }: Node,
  moved: Moved | undefined,
  apply: boolean,
): RegionRecord {
  const there = copy.kind === 'make' ? undefined : copy.image.id;
  const imageId = moved?.imageId ?? there;
  const copied =
    copy.kind === 'original' || copy.kind === 'there' ? copy.kind : apply ? 'made' : 'would-make';
  const previous = moved === undefined ? (current === imageId ? undefined : current) : moved.previous;
  const version = parameterVersion === undefined ? {} : { version: parameterVersion };
  const parameter: PointerRecord = moved?.parameter ?? {
    ...{ name: promote.parameter, ...version, changed: current === undefined || current !== imageId },
  };
  const launchTemplate: PointerRecord | undefined =
    moved?.launchTemplate ??
    (template && {
      ...{ name: template.version.name, version: template.version.number },
      changed: template.kind === 'change',
    });
  return {
    region: state.region,
    ...(imageId === undefined ? {} : { imageId }),
    copied,
    ...(previous === undefined ? {} : { previous }),
    parameter,
    ...(launchTemplate === undefined ? {} : { launchTemplate }),
    accounts: promote.accounts,
  };
}
