import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { codeOf } from '../aws/ec2-failure.ts';
import { type BakeName, keyPairName } from '../leftovers/resource.ts';
import { PreflightError } from '../aws/bake-place.ts';
import { sdk } from '../aws/sdk.ts';
import { publicText } from '../aws/ssh-key.ts';
import { tag } from '../aws/tags.ts';

const { DeleteKeyPairCommand, ImportKeyPairCommand } = sdk('@aws-sdk/client-ec2');

/**
 * Makes the key pair of a bake, which bears the run's tags from its first second; Packer 1.6 cannot tag the one that it
 * makes itself. The private key goes to `file`. Ed25519, since sshd of Debian 12 refuses what Packer 1.6 signs with RSA.
 * Answers the key pair's name.
 * @param until when the bake is over at the latest; no other build removes its things before
 * @throws PreflightError when there is a key pair of that name already; CloudError when the cloud is not available.
 */
export async function importKey(ec2: EC2Client, bake: BakeName, file: string, until: Date): Promise<string> {
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

/** Deletes a bake's key pair; one that is gone is fine. */
export async function deleteKey(ec2: EC2Client, name: string): Promise<void> {
  await ec2.send(new DeleteKeyPairCommand({ KeyName: name }));
}
