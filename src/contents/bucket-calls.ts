import type { S3Client as Client } from '@aws-sdk/client-s3';
import { connect } from '../aws/connect.ts';
import { CloudError, codeOf } from '../aws/ec2-failure.ts';
import { sdk } from '../aws/sdk.ts';
import { exitCode, StageError } from '../lib/errors.ts';

const { GetObjectCommand, PutObjectCommand, S3Client } = sdk('@aws-sdk/client-s3');

/** What an archive asks of a bucket. */
export interface BucketCalls {
  /** The object's text; undefined: there is none. */
  read: (key: string) => Promise<string | undefined>;
  write: (key: string, content: string) => Promise<void>;
}

/** How long a bucket that could not be reached is left alone: each file would wait for all retries again. */
const pauseMs = 60_000;

/**
 * The objects of a bucket, whichever region it is in.
 * @param archive its name, for messages
 * @throws CloudError (exit 4) when region or credentials are missing
 */
export async function bucketCalls(bucket: string, archive: string): Promise<BucketCalls> {
  const s3 = await connect('s3', (common) => new S3Client({ ...common, ...bucketSettings(process.env) }));
  return {
    read: orRefuse(bucket, archive, async (key: string) => {
      try {
        const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return await body?.transformToString();
      } catch (error) {
        if (codeOf(error) === 'NoSuchKey') return undefined;
        throw error;
      }
    }),
    write: orRefuse(bucket, archive, (key: string, content: string) => put(s3, bucket, key, content)),
  };
}

async function put(s3: Client, bucket: string, key: string, content: string): Promise<void> {
  const type = { ContentType: 'application/json' };
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content, ...type }));
}

/** At an endpoint of one's own a bucket has no host name. */
export function bucketSettings({ AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL }: NodeJS.ProcessEnv) {
  const isOwn = (AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL ?? '') !== '';
  return { followRegionRedirects: true, forcePathStyle: isOwn };
}

/** The call, whose failure says in a sentence what is wrong with the bucket, and is not waited for twice in a minute. */
function orRefuse<A extends unknown[], R>(
  bucket: string,
  archive: string,
  call: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  let gone: { error: unknown; untilMs: number } | undefined;
  return async (...args) => {
    if (gone !== undefined && Date.now() < gone.untilMs) throw gone.error;
    try {
      return await call(...args);
    } catch (error) {
      const failure = bucketFailure(error, bucket, archive);
      if (error instanceof CloudError && ['unreachable', 'timeout'].includes(error.problem))
        gone = { error: failure, untilMs: Date.now() + pauseMs };
      throw failure;
    }
  };
}

/** What S3 threw, for a person: exit 4, since nothing of ours is wrong. */
export function bucketFailure(error: unknown, bucket: string, archive: string): unknown {
  if (error instanceof CloudError) {
    // Without s3:ListBucket S3 says of an object that is not there that it is denied.
    const hint =
      error.problem === 'denied' ? `, or s3:ListBucket of ${bucket} where the file is not there` : '';
    return new CloudError(error.problem, `${archive}: ${error.message}${hint}`, error);
  }
  if (!(error instanceof Error) || !('$metadata' in error)) return error;
  const code = codeOf(error);
  const why =
    code === 'NoSuchBucket'
      ? `there is no bucket ${bucket}: make it, or correct --archive`
      : `S3 fails (${code}: ${error.message})`;
  return new StageError(`${archive}: ${why}`, exitCode.unavailable, { cause: error });
}
