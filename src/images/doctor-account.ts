import type { Node } from '../nodes/node.ts';
import { bakeGroups, PreflightError, vpcOf } from './bake-vpc.ts';
import { connect } from './connect.ts';
import { connectEc2 } from './ec2.ts';
import { type IngressGroup, ingressOf } from './ingress.ts';
import { sdk } from './sdk.ts';

const { EC2Client } = sdk('@aws-sdk/client-ec2');
const { GetCallerIdentityCommand, STSClient } = sdk('@aws-sdk/client-sts');

export { bakeGroup } from './bake-vpc.ts';
export { measuredOffsetMs } from './connect.ts';

/** Who we are to AWS. */
export interface Identity {
  account: string;
  arn: string;
  keyId: string;
  /** The SDK's names of where the credentials come from, such as `CREDENTIALS_ENV_VARS`. */
  sources: string[];
}

/** The region that the SDK finds, its own way; undefined when it is set nowhere. */
export async function regionOfSdk(): Promise<string | undefined> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const client = new EC2Client();
  try {
    return await client.config.region();
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}

/** @throws CloudError when region or credentials are missing or refused, or STS does not answer. */
export async function identity(): Promise<Identity> {
  const sts = await connect('sts', (common) => new STSClient(common));
  const { Account: account = '', Arn: arn = '' } = await sts.send(new GetCallerIdentityCommand());
  const { accessKeyId: keyId, ...more } = await sts.config.credentials();
  const sources = '$source' in more ? Object.keys(more.$source as object) : [];
  return { account, arn, keyId, sources };
}

/** The groups of a VPC with the name that bakes look for; or, in a sentence, why these bakes have no VPC. */
export type BakeGroups = { vpc: string; groups: IngressGroup[] } | { lacking: string };

/**
 * The groups in the VPC of a bake with these settings of `packer`.
 * @throws CloudError when EC2 is not available.
 */
export async function groupsFor(over: Node['packer']): Promise<BakeGroups> {
  const ec2 = await connectEc2();
  try {
    const vpc = await vpcOf(ec2, over);
    return { vpc, groups: (await bakeGroups(ec2, vpc)).map(ingressOf) };
  } catch (error) {
    if (error instanceof PreflightError) return { lacking: error.message };
    throw error;
  }
}
