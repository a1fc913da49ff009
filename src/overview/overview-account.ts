import type { Image as Ec2Image } from '@aws-sdk/client-ec2';
import { cloudTime, connect, connectEc2 } from '../aws/connect.ts';
import { type DescribeImages, type Image, listImages, listSnapshots } from '../aws/images.ts';
import { sdk } from '../aws/sdk.ts';
import { findResources } from '../leftovers/find-resources.ts';
import { resourceCalls } from '../leftovers/resource-calls.ts';
import type { Node } from '../nodes/node.ts';
import { referenceAccount } from '../references/reference-account.ts';
import { byId, mergeReferences } from '../references/reference.ts';
import { findRelatedImages } from '../references/related-images.ts';
import { parameterValues } from '../references/ssm-parameters.ts';
import type { OverviewAccount } from './read-overview.ts';
import type { RegionCalls } from './region-facts.ts';

const { DescribeImagesCommand, DescribeSnapshotsCommand } = sdk('@aws-sdk/client-ec2');
const { GetParametersCommand, SSMClient } = sdk('@aws-sdk/client-ssm');

/**
 * Implements what the overview needs over EC2 and the other services. It only reads.
 * @throws CloudError when region or credentials are missing
 */
export async function overviewAccount(nodes: readonly Node[]): Promise<OverviewAccount> {
  const ec2 = await connectEc2();
  const region = await ec2.config.region();
  const options = {
    ignore: new Set<never>(),
    allTemplateVersions: false,
    promotedTemplates: nodes.flatMap(({ promote }) => promote.launchTemplate ?? []),
  };
  const { accountId } = await referenceAccount(options);
  const calls = resourceCalls(ec2);
  const listed = ownListing((query) => ec2.send(new DescribeImagesCommand(query)));
  return {
    region,
    account: accountId,
    now: cloudTime,
    resources: async () => {
      const all = await listed.whole;
      // All images of the account are pages, and known already.
      return findResources({
        ...calls,
        images: (query) =>
          query.Owners !== undefined && query.Filters.length === 0
            ? Promise.resolve({ Images: all })
            : calls.images(query),
      });
    },
    connect: async (to) => {
      const inRegion = to === region ? undefined : to;
      const client = await connectEc2(inRegion);
      const ssm = await connect('ssm', (common) => new SSMClient(common), inRegion);
      const { references } = await referenceAccount(options, inRegion);
      return {
        images: () =>
          inRegion === undefined
            ? listed.images()
            : listImages((query) => client.send(new DescribeImagesCommand(query))),
        snapshots: () => listSnapshots((query) => client.send(new DescribeSnapshotsCommand(query))),
        references: async (images: readonly Image[]) =>
          mergeReferences(await references(), byId(findRelatedImages(images, to))),
        parameters: (names) => parameterValues(names, (query) => ssm.send(new GetParametersCommand(query))),
      } satisfies RegionCalls;
    },
  };
}

/** The account's images in the own region, in our words and, once they are listed, as EC2 describes them. */
function ownListing(describe: DescribeImages) {
  const found: Ec2Image[] = [];
  let settle: { resolve: (all: Ec2Image[]) => void; reject: (error: unknown) => void } | undefined;
  const whole = new Promise<Ec2Image[]>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // It may be that nobody waits for them.
  whole.catch(() => undefined);
  const images = async () => {
    try {
      const all = await listImages(async (query) => {
        const page = await describe(query);
        found.push(...(page.Images ?? []));
        return page;
      });
      settle?.resolve(found);
      return all;
    } catch (error) {
      settle?.reject(error);
      throw error;
    }
  };
  return { images, whole };
}
