import type { EC2Client } from '@aws-sdk/client-ec2';
import pLimit, { type LimitFunction } from 'p-limit';
import { checkAnswer } from './answers.ts';
import { type CloudError, ec2Failure, noCredentials, noRegion, isThrottle } from './ec2-failure.ts';
import { type Service, sdk } from './sdk.ts';

const { EC2Client: Client } = sdk('@aws-sdk/client-ec2');

/**
 * Where three calls of ten are throttled, a call fails for good with 0.3^12 = 5e-7, so one of 200 with 1e-4 (with 6
 * attempts: one run in seven). The SDK waits a random time of up to 1 s, 2 s, 4 s, … 20 s (full jitter): about
 * a minute in all before a service that throttles everything is given up.
 */
const throttledAttempts = 12;
/** For everything else: delays of about 1 s in all when nothing answers. */
const otherAttempts = 6;
const inFlight = 8;
const connectTimeoutMs = 3_000;
const requestTimeoutMs = 20_000;

/** What every client of the SDK is made with. */
const settings = {
  retryMode: 'adaptive',
  maxAttempts: throttledAttempts,
  requestHandler: {
    connectionTimeout: connectTimeoutMs,
    requestTimeout: requestTimeoutMs,
    // Without it the SDK only warns and goes on waiting.
    throwOnRequestTimeout: true,
  },
};

type ClientSettings = typeof settings & { region?: string };

/** What we use of a client, whatever its service. */
interface Client {
  config: {
    region: () => Promise<string>;
    credentials: () => Promise<unknown>;
    systemClockOffset: number;
  };
  middlewareStack: object;
  destroy: () => void;
}

const clients = new Map<string, Client>();
const limits = new Map<string, LimitFunction>();

/**
 * The client of a service in a region, with the SDK's own settings (environment, profile, instance role,
 * AWS_ENDPOINT_URL), with region and credentials already resolved, so that what is missing is reported before anything
 * is done. There is one for each service and region, and all its calls, those of paginators and waiters too, share
 * one budget: at most 8 are under way at a time, and its adaptive retries slow all of them down when the service
 * throttles. What its calls throw has been through {@link ec2Failure}.
 * @param inRegion none: that of the SDK's own settings
 * @throws CloudError (exit 4) when the region or the credentials are missing.
 */
export async function connect<C extends Client>(
  service: Service,
  make: (common: ClientSettings) => C,
  inRegion?: string,
): Promise<C> {
  // Says on every start that Node 20 will go out of the SDK's support; package.json pins the SDK, so it never does.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const client = make(inRegion === undefined ? settings : { ...settings, region: inRegion });
  const region = await client.config.region().catch((error: unknown): CloudError => {
    throw noRegion(error);
  });
  const key = `${service} ${String(region)}`;
  const known = clients.get(key);
  if (known !== undefined) {
    client.destroy();
    return known as C;
  }
  await client.config.credentials().catch((error: unknown): CloudError => {
    throw noCredentials(error);
  });
  prepare(client as unknown as EC2Client, service, limitOf(key));
  clients.set(key, client);
  return client;
}

/** From this on a clock is worth a word: AWS refuses calls that are signed so far off, and the SDK corrects them. */
const clockToleranceMs = 5 * 60_000;

/** How far this computer's clock is behind AWS's by the last answers, ms, give or take 2 s; 0 before the first. */
export function measuredOffsetMs(): number {
  const offsets = [...clients.values()].map(({ config }) => config.systemClockOffset);
  return offsets.reduce((most, offset) => (Math.abs(offset) > Math.abs(most) ? offset : most), 0);
}

/** How far this computer's clock is behind AWS's, ms; 0 as long as no service has answered, and for a few minutes. */
export function clockOffsetMs(): number {
  const offsetMs = measuredOffsetMs();
  return Math.abs(offsetMs) > clockToleranceMs ? offsetMs : 0;
}

/** The time by AWS's clock. */
export function cloudTime(): Date {
  return new Date(Date.now() + clockOffsetMs());
}

/** The services' clients differ in what they send, not in what is done here. */
function prepare(client: EC2Client, service: Service, limit: LimitFunction): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const call = callName(context.commandName);
      try {
        const answer = await next(args);
        checkAnswer(service, call, answer.output);
        return answer;
      } catch (error) {
        const failure = ec2Failure(error, call, service);
        // For whoever has to say it later on.
        throw failure instanceof Error ? Object.assign(failure, { call: `${service}:${call}` }) : failure;
      }
    },
    // Outermost, so that it sees what is left after the retries.
    { step: 'initialize', priority: 'high', name: 'bakehouseFailures' },
  );
  client.middlewareStack.add(
    (next, context) => {
      let failed: { error: unknown } | undefined;
      return (args) =>
        // Only a request holds a place, never a pause before it is tried again nor a waiter between two calls.
        limit(async () => {
          countCall(`${service}:${callName(context.commandName)}`, failed);
          try {
            return await next(args);
          } catch (error) {
            failed = { error };
            throw error;
          }
        });
    },
    // Inside of the retries, which are of this step at high priority.
    { step: 'finalizeRequest', priority: 'normal', name: 'bakehouseBudget' },
  );
  const { retryStrategy } = client.config;
  client.config.retryStrategy = async () => impatient(await retryStrategy());
}

type Strategy = Awaited<ReturnType<EC2Client['config']['retryStrategy']>>;

/** The strategy with all its attempts for throttling, and fewer where more attempts do not help. */
function impatient(strategy: Strategy): Strategy {
  if (!('refreshRetryTokenForRetry' in strategy)) return strategy;
  return {
    acquireInitialRetryToken: (scope) => strategy.acquireInitialRetryToken(scope),
    refreshRetryTokenForRetry: (token, failure) => {
      if (failure.errorType !== 'THROTTLING' && token.getRetryCount() + 1 >= otherAttempts) {
        return Promise.reject(new Error('tried often enough'));
      }
      return strategy.refreshRetryTokenForRetry(token, failure);
    },
    recordSuccess: (token) => {
      strategy.recordSuccess(token);
    },
  };
}

function limitOf(key: string): LimitFunction {
  const limit = limits.get(key) ?? pLimit(inFlight);
  limits.set(key, limit);
  return limit;
}

/** `DescribeImages` of `DescribeImagesCommand`: the name that AWS's own pages and IAM use. */
function callName(commandName: string | undefined): string {
  return (commandName ?? 'a call').replace(/Command$/, '');
}

/**
 * The client of EC2: see {@link connect}.
 * @throws CloudError (exit 4) when the region or the credentials are missing.
 */
export async function connectEc2(inRegion?: string): Promise<EC2Client> {
  return connect('ec2', (common) => new Client(common), inRegion);
}

/** How often one action was called. */
interface CallCount {
  /** As IAM names it: `ec2:DescribeImages`. */
  action: string;
  /** All requests, those that repeat another included. */
  calls: number;
  /** Of them, repeats since the service wanted fewer calls. */
  afterThrottling: number;
  /** Of them, repeats after any other failure. */
  afterFailure: number;
}

const counts = new Map<string, CallCount>();

/** The calls of this process so far, in alphabetical order. */
export function callCounts(): CallCount[] {
  return [...counts.values()].map((count) => ({ ...count })).sort((a, b) => (a.action < b.action ? -1 : 1));
}

/**
 * Counts a request.
 * @param failed what its last attempt threw; none: it is the first
 */
function countCall(action: string, failed?: { error: unknown }): void {
  const count = counts.get(action) ?? { action, calls: 0, afterThrottling: 0, afterFailure: 0 };
  count.calls++;
  if (failed !== undefined) {
    if (isThrottle(failed.error)) count.afterThrottling++;
    else count.afterFailure++;
  }
  counts.set(action, count);
}

/** Counts for a person, a line each: `ec2:DescribeImages 21 calls, 4 of them again after throttling`. */
export function callLines(all: readonly CallCount[]): string[] {
  return all.map(({ action, calls, afterThrottling, afterFailure }) =>
    [
      `${action} ${calls} ${calls === 1 ? 'call' : 'calls'}`,
      ...(afterThrottling === 0 ? [] : [`${afterThrottling} of them again after throttling`]),
      ...(afterFailure === 0 ? [] : [`${afterFailure} of them again after a failure`]),
    ].join(', '),
  );
}
