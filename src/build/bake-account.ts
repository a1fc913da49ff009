import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { PreflightError } from '../aws/bake-place.ts';
import { codeOf } from '../aws/ec2-failure.ts';
import { connectEc2 } from '../aws/connect.ts';
import { sdk } from '../aws/sdk.ts';
import { publicText } from '../aws/ssh-key.ts';
import { tag } from '../aws/tags.ts';
import type { PackQuery } from '../generate/pack-query.ts';
import { removeBakeLeftovers, removeNodeLeftovers } from '../leftovers/bake-leftovers.ts';
import { type BakeName, keyPairName } from '../leftovers/resource.ts';
import { removeServers } from '../leftovers/verify-servers.ts';
import type { Node } from '../nodes/node.ts';
import type { BakeRecord } from './bake-record.ts';
import { preflight } from './preflight.ts';

const {
  CreateTagsCommand,
  DeleteKeyPairCommand,
  DescribeSecurityGroupsCommand,
  ImportKeyPairCommand,
  ModifyImageAttributeCommand,
  ModifyInstanceMetadataOptionsCommand,
} = sdk('@aws-sdk/client-ec2');

/** What a bake asks of the account. */
export type BakeAccount = ReturnType<typeof bakeAccount>;

/**
 * Connects to the account that bakes, and makes one call, so that an account that does not answer is one message and not
 * one for each node.
 * @throws CloudError when region or credentials are missing, or EC2 does not answer.
 */
export async function connectAccount(): Promise<{ account: BakeAccount; region: string }> {
  const ec2 = await connectEc2();
  await ec2.send(new DescribeSecurityGroupsCommand({ MaxResults: 5 }));
  return { account: bakeAccount(ec2), region: await ec2.config.region() };
}

/** The account over a client of EC2. */
export function bakeAccount(ec2: EC2Client) {
  return {
    preflight: (node: Node, query: PackQuery) => preflight(ec2, node, query),
    importKey: (bake: BakeName, file: string, until: Date) => importKey(ec2, bake, file, until),
    deleteKey: (name: string) => deleteKey(ec2, name),
    /** Removes what the bake left. Of a bake with an image id the image and its snapshots stay. */
    removeLeftovers: (bake: Pick<BakeRecord, 'node' | 'run' | 'imageName' | 'imageId'>) =>
      removeBakeLeftovers(ec2, bake),
    /** Removes the servers that a killed verify of the bake left; answers what is still there. */
    removeServers: (bake: BakeName) => removeServers(ec2, bake),
    /** Removes what ended runs of the node left. */
    removeEndedRuns: (bake: BakeName & { timeoutMs: number; signal: AbortSignal }) =>
      removeNodeLeftovers(ec2, bake),
    requireImdsV2: (instanceId: string) => requireImdsV2(ec2, instanceId),
    /** Says which contents.json is the image's. */
    tagContents: async (imageId: string, digest: string): Promise<void> => {
      await ec2.send(
        new CreateTagsCommand({ Resources: [imageId], Tags: [{ Key: tag.contents, Value: digest }] }),
      );
    },
    requireImdsV2OfServers: (imageId: string) => requireImdsV2OfServers(ec2, imageId),
  };
}

/**
 * Makes the key pair of a bake, which bears the run's tags from its first second; Packer 1.6 cannot tag the one that it
 * makes itself. The private key goes to `file`. Ed25519, since sshd of Debian 12 refuses what Packer 1.6 signs with RSA.
 * Answers the key pair's name.
 * @param until when the bake has ended at the latest; no other build removes its resources before
 * @throws PreflightError when there is a key pair of that name already; CloudError when the cloud is not available.
 */
async function importKey(ec2: EC2Client, bake: BakeName, file: string, until: Date): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const name = keyPairName(bake);
  const tags = [
    { Key: tag.node, Value: bake.node },
    { Key: tag.run, Value: bake.run },
    { Key: tag.until, Value: until.toISOString() },
  ];
  const command = new ImportKeyPairCommand({
    KeyName: name,
    PublicKeyMaterial: Buffer.from(publicText(Buffer.from(x, 'base64url'))),
    TagSpecifications: [{ ResourceType: 'key-pair', Tags: tags }],
  });
  try {
    await ec2.send(command);
  } catch (error) {
    if (codeOf(error) !== 'InvalidKeyPair.Duplicate') throw error;
    throw new PreflightError(
      `there is a key pair ${name} already: if no other build bakes ${bake.node} in this run, delete it`,
      { cause: error },
    );
  }
  return name;
}

/** Deletes a bake's key pair; EC2 does not mind one that is gone. */
async function deleteKey(ec2: EC2Client, name: string): Promise<void> {
  await ec2.send(new DeleteKeyPairCommand({ KeyName: name }));
}

/** Lets an instance answer only to IMDSv2: for a Packer before 1.7, which cannot ask for it at launch. */
async function requireImdsV2(ec2: EC2Client, instanceId: string): Promise<void> {
  await ec2.send(
    new ModifyInstanceMetadataOptionsCommand({
      InstanceId: instanceId,
      HttpTokens: 'required',
      HttpPutResponseHopLimit: 1,
    }),
  );
}

/** Makes IMDSv2 the only one for each server that is launched from an image. EC2 cannot undo it. */
async function requireImdsV2OfServers(ec2: EC2Client, imageId: string): Promise<void> {
  await ec2.send(new ModifyImageAttributeCommand({ ImageId: imageId, ImdsSupport: { Value: 'v2.0' } }));
}
