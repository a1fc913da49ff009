import { EC2Client } from '@aws-sdk/client-ec2';
import { type CloudError, ec2Failure, noCredentials, noRegion } from './ec2-failure.ts';

/** Delays of up to 15 s in all when EC2 throttles, of about 1 s when nothing answers. */
const maxAttempts = 6;
const connectTimeoutMs = 3_000;
const requestTimeoutMs = 20_000;

/**
 * A client of EC2 by the SDK's own settings (environment, profile, instance role, AWS_ENDPOINT_URL), with region
 * and credentials already looked up, so that what is missing is told before anything is done. What its calls throw
 * has been through {@link ec2Failure}.
 * @throws CloudError (exit 4) when the region or the credentials are missing.
 */
export async function connectEc2(): Promise<EC2Client> {
  // Says on every start that Node 20 will go out of the SDK's support; package.json pins the SDK, so it never does.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const client = new EC2Client({
    retryMode: 'adaptive',
    maxAttempts,
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // Without it the SDK only warns and goes on waiting.
      throwOnRequestTimeout: true,
    },
  });
  client.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw ec2Failure(error, callName(context.commandName));
      }
    },
    // Outermost, so that it sees what is left after the retries.
    { step: 'initialize', priority: 'high', name: 'bakehouseFailures' },
  );
  await client.config.region().catch((error: unknown): CloudError => {
    throw noRegion(error);
  });
  await client.config.credentials().catch((error: unknown): CloudError => {
    throw noCredentials(error);
  });
  return client;
}

/** `DescribeImages` of `DescribeImagesCommand`: the name that AWS's own pages and IAM use. */
function callName(commandName: string | undefined): string {
  return (commandName ?? 'a call of EC2').replace(/Command$/, '');
}
