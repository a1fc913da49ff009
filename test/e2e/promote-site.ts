import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateLaunchTemplateCommand,
  DescribeImageAttributeCommand,
  DescribeImagesCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { DeleteParameterCommand, GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { PromoteRecord } from '../../src/promote/promote-record.ts';
import { stage } from '../cli/stage-process.ts';
import { startCleanupCloud } from './cleanup-cloud.ts';
import { clientSettings } from './local-cloud.ts';

const regions = ['us-east-1', 'eu-west-1', 'us-west-2'];
const guest = '210987654321';

/** A local cloud with what tests of promote do again and again, in three regions. */
export type PromoteSite = Awaited<ReturnType<typeof startPromoteSite>>;

/** Starts one. */
export async function startPromoteSite() {
  const cloud = await startCleanupCloud();
  const clients = regions.map((region) => {
    const settings = clientSettings(cloud.env, region);
    return { region, ec2: new EC2Client(settings), ssm: new SSMClient(settings) };
  });
  const reports = mkdtempSync(join(cloud.state, 'reports-'));
  const nodes = join(reports, 'nodes.yaml');
  let images = 0;
  const args = (...more: string[]) => ['--nodes', nodes, '--reports', reports, ...more];

  /** The nodes file has this node only; it is promoted everywhere, to another account and a launch template. */
  async function newNode(name: string, more = ''): Promise<void> {
    writeFileSync(
      nodes,
      `${name}:
  group: web
  promote:
    regions: {eu-west-1: {}, us-west-2: {}${more}}
    accounts: ['${guest}']
    parameter: /images/${name}
    launch_template: ${name}
`,
    );
    for (const { ec2 } of clients) {
      const data = { LaunchTemplateData: { InstanceType: 't3.small' as const } };
      await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: name, ...data }));
    }
  }

  /** What each region has of a node: images by name, what the pointers name, who may launch it. */
  async function placesOf(node: string) {
    return Promise.all(clients.map((client) => placeOf(node, client)));
  }

  return {
    ...{ cloud, clients, newNode, placesOf, args },
    /** An image that the next promote takes. */
    bake: async (node: string) => {
      images += 1;
      const name = `${node}-${1_700_000_000 + images}`;
      return { ...(await cloud.image(node, { name })), name };
    },
    promote: (...more: string[]) => stage('promote', args(...more), { env: cloud.env }),
    record: (node: string) =>
      JSON.parse(readFileSync(join(reports, node, 'promote.json'), 'utf8')) as PromoteRecord,
    /** The lock of a killed run ends after two minutes: whoever knows that it is dead deletes it. */
    forgetLock: async (node: string) => {
      const forgotten = cloud.ssm.send(new DeleteParameterCommand({ Name: `/bakehouse/locks/${node}` }));
      await forgotten.catch((error: unknown) => {
        if ((error as Error).name !== 'ParameterNotFound') throw error;
      });
    },
  };
}

async function placeOf(node: string, { ec2, ssm }: { ec2: EC2Client; ssm: SSMClient }) {
  const { Images: found = [] } = await ec2.send(
    new DescribeImagesCommand({ Owners: ['self'], Filters: [{ Name: 'name', Values: [`${node}-*`] }] }),
  );
  const nameOf = (id: string | undefined) => found.find(({ ImageId }) => ImageId === id)?.Name ?? id;
  const { Parameters: parameters = [] } = await ssm.send(
    new GetParametersByPathCommand({ Path: '/', Recursive: true }),
  );
  const valueOf = (name: string) => parameters.find(({ Name }) => Name === name)?.Value;
  const { LaunchTemplateVersions: [version] = [] } = await ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: node, Versions: ['$Default'] }),
  );
  const current = valueOf(`/images/${node}`);
  const attribute = 'launchPermission';
  const { LaunchPermissions: permissions } =
    current === undefined
      ? { LaunchPermissions: [] }
      : await ec2.send(new DescribeImageAttributeCommand({ ImageId: current, Attribute: attribute }));
  return {
    images: found.map(({ Name: name }) => name).sort(),
    current: nameOf(current),
    template: nameOf(version?.LaunchTemplateData?.ImageId),
    type: version?.LaunchTemplateData?.InstanceType,
    accounts: permissions?.map(({ UserId: id }) => id),
    lock: valueOf(`/bakehouse/locks/${node}`),
  };
}

/** What all regions have when the image of a name is in service, and older ones are there. */
export function inService(name: string, ...older: string[]) {
  return Array<object>(3).fill({
    ...{ images: [...older, name].sort(), current: name, template: name, type: 't3.small' },
    ...{ accounts: [guest], lock: undefined },
  });
}
