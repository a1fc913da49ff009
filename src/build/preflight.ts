import type { EC2Client } from '@aws-sdk/client-ec2';
import type { PackQuery } from '../generate/pack-query.ts';
import type { Node } from '../nodes/node.ts';
import {
  type BakePlace,
  bakePlaces,
  missingGroups,
  missingTypes,
  type WantedPlace,
  PreflightError,
  whyNoGroups,
} from '../aws/bake-place.ts';
import { sdk } from '../aws/sdk.ts';
import { sourceFinder, type WantedSource } from '../aws/source-image.ts';

const { DescribeImagesCommand } = sdk('@aws-sdk/client-ec2');

/** What Packer needs to know of the account, and the place for the record. */
export interface Ready {
  /** `*`: whatever Packer finds. */
  vpc: string;
  /** The source image; undefined: the pack says which. */
  source?: string;
  /** Absent: it is not known. */
  place?: { vpc: string; subnet?: string; groups?: string[] };
}

/**
 * Judges, before a machine is paid for, whether the account has what the bake of a pack and servers of its image need.
 * @throws PreflightError in a sentence; CloudError when the cloud is not available.
 */
export async function preflight(ec2: EC2Client, node: Node, pack: PackQuery): Promise<Ready> {
  const source = 'unknown' in pack.source ? undefined : await sourceFor(ec2, pack.source, pack.takesSource);
  const ready = { ...(source !== undefined && { source }) };
  if ('unknown' in pack.place) return { vpc: '*', ...ready };
  const places = await bakePlaces(ec2, pack.place);
  for (const one of places) await checkPlace(ec2, node, one, pack.place);
  await checkTypes(ec2, node, pack.place.types);
  const [{ groups, ...place }] = places;
  const ids = groups?.flatMap(({ GroupId: id }) => id ?? []);
  return { vpc: place.vpc, ...ready, place: { ...place, ...(ids && { groups: ids }) } };
}

async function sourceFor(ec2: EC2Client, wanted: WantedSource, takesSource: boolean) {
  const found = await sourceFinder((query) => ec2.send(new DescribeImagesCommand(query)))(wanted);
  if ('why' in found) throw new PreflightError(found.why);
  if (takesSource) return found.id;
  const { passedOver = [] } = found;
  if (passedOver.length === 0) return undefined;
  throw new PreflightError(
    `Packer would take ${passedOver.join(', ')}, which verify has rejected or a person has revoked: generate and build with --plan, or give the template the variable \`source\` as the one that comes with Bakehouse has it`,
  );
}

async function checkPlace(ec2: EC2Client, node: Node, place: BakePlace, wanted: WantedPlace): Promise<void> {
  const why = whyNoGroups(place, wanted);
  if (why !== undefined) throw new PreflightError(why, { exitCode: 4 });
  const missing = await missingGroups(ec2, node.groups);
  if (missing.length === 0) return;
  throw new PreflightError(
    `there is no security group named '${missing.join("', '")}' in this region, though servers of ${node.name} are to be in it: create it, or correct \`group\` in nodes.yaml`,
    { exitCode: 4 },
  );
}

async function checkTypes(ec2: EC2Client, node: Node, types: readonly string[]): Promise<void> {
  const missing = await missingTypes(ec2, [...types, node.size]);
  // Of several for spot instances one is enough.
  const isBakeable = types.length === 0 || types.some((type) => !missing.includes(type));
  if (isBakeable && !missing.includes(node.size)) return;
  throw new PreflightError(
    `this region does not offer the instance type ${[...new Set(missing)].join(', ')}: correct \`size\` in nodes.yaml`,
    { exitCode: 4 },
  );
}
