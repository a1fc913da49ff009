import type { EC2Client } from '@aws-sdk/client-ec2';
import { sdk } from '../aws/sdk.ts';

const { ModifyImageAttributeCommand, ModifyInstanceMetadataOptionsCommand } = sdk('@aws-sdk/client-ec2');

/** Lets an instance answer only to IMDSv2: for a Packer before 1.7, which cannot ask for it at launch. */
export async function requireImdsV2(ec2: EC2Client, instanceId: string): Promise<void> {
  await ec2.send(
    new ModifyInstanceMetadataOptionsCommand({
      InstanceId: instanceId,
      HttpTokens: 'required',
      HttpPutResponseHopLimit: 1,
    }),
  );
}

/** Makes IMDSv2 the only one for each server that is launched from an image. It cannot be taken back. */
export async function requireImdsV2OfServers(ec2: EC2Client, imageId: string): Promise<void> {
  await ec2.send(new ModifyImageAttributeCommand({ ImageId: imageId, ImdsSupport: { Value: 'v2.0' } }));
}
