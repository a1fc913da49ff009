import { CloudError, codeOf } from './ec2-failure.ts';
import { exitCode, StageError } from '../lib/errors.ts';

/** Why something could not be done, for a person. */
export interface Failure {
  message: string;
  /** The cloud is not available to us: a retry may help. */
  unavailable: boolean;
}

/**
 * What a call threw, as a failure of its node or region.
 * @throws the same value when it is a bug of ours
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof CloudError) return { message: error.message, unavailable: true };
  if (error instanceof StageError)
    return { message: error.message, unavailable: error.exitCode === exitCode.unavailable };
  // An answer of AWS to this one call, such as InvalidAMIName.Duplicate.
  if (error instanceof Error && '$metadata' in error) {
    const call = 'call' in error && typeof error.call === 'string' ? `${error.call}: ` : '';
    return { message: `${call}${codeOf(error)}: ${error.message}`, unavailable: false };
  }
  throw error;
}

/** What EC2 and Systems Manager answer in a region that the account has not enabled: they do not know its keys. */
const notEnabled = new Set([
  'AuthFailure',
  'InvalidClientTokenId',
  'OptInRequired',
  'UnrecognizedClientException',
]);

/**
 * Why a region besides the account's own cannot be read, once the own one was with the same credentials.
 * @throws the same value when it is a bug of ours
 */
export function regionFailure(error: unknown, region: string): Failure {
  const code = error instanceof CloudError ? codeOf(error.cause) : '';
  if (notEnabled.has(code))
    return {
      message: `${region}: the region is not enabled for this account (${code}): enable it, or correct or remove it in \`promote.regions\` of nodes.yaml`,
      unavailable: false,
    };
  const failure = failureOf(error);
  return { ...failure, message: `${region}: ${failure.message}` };
}
