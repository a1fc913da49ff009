import { setTimeout as sleep } from 'node:timers/promises';
import { CloudError, codeOf } from '../aws/ec2-failure.ts';
import type * as AccountCalls from './account-calls.ts';
import type { BakeSite, BakeSites } from './bake-sites.ts';
import { type Finding, missing, ok, unknown, warning } from './findings.ts';
import {
  type CallFailure,
  groupCheck,
  judgeClock,
  judgeFailure,
  judgeGroups,
  judgeIdentity,
  judgeRegion,
  noSource,
} from './judge-account.ts';

/** The calls to AWS. */
export type Account = Pick<typeof AccountCalls, 'regionOfSdk' | 'identity' | 'measuredOffsetMs' | 'sitesFor'>;
type SiteAnswer = Answer<Awaited<ReturnType<Account['sitesFor']>>>;

/**
 * Asks AWS whose credentials these are, and whether the account has what bakes and servers of these nodes need.
 * @param limitMs how long one answer may take, with all of the SDK's own patience
 */
export async function accountFindings(
  account: Account,
  { sites, unknown: unclear }: BakeSites,
  env: NodeJS.ProcessEnv,
  limitMs: number,
): Promise<Finding[]> {
  const [region, identity, siteAnswers] = await Promise.all([
    account.regionOfSdk(),
    answerWithin(limitMs, account.identity()),
    Promise.all(
      sites.map(async (site) => ({ site, answer: await answerWithin(limitMs, account.sitesFor(site)) })),
    ),
  ]);
  const who =
    'answer' in identity ? judgeIdentity(identity.answer) : judgeFailure('credentials', identity.failure);
  const ec2 = judgeEc2(
    siteAnswers.map(({ answer }) => answer),
    region ?? '',
    env.AWS_ENDPOINT_URL_EC2 ?? env.AWS_ENDPOINT_URL,
  );
  const offsetMs = account.measuredOffsetMs();
  const answered = offsetMs !== 0 || ec2.state === 'ok' || 'answer' in identity;
  return [
    judgeRegion(region, env),
    who,
    ec2,
    ...siteAnswers.flatMap(({ site, answer }) => siteFindings(site, answer, ec2)),
    ...unclear.map(({ node, why }) =>
      warning(
        `pack of ${node}`,
        `doctor cannot check where it is baked: ${why}`,
        'check by hand that its network, groups and instance type exist',
      ),
    ),
    judgeClock(answered ? offsetMs : undefined),
  ];
}

function siteFindings(site: BakeSite, answered: SiteAnswer, ec2: Finding): Finding[] {
  const check = groupCheck(nameOf(site));
  if ('failure' in answered) return [judgeNoGroups(check, answered, ec2)];
  const lacks = (which: string, sentence: string) => {
    const [found = '', advice = ''] = sentence.split(/: (.*)/s);
    return missing(which, site.nodes.length === 0 ? found : `${found} (${site.nodes.join(', ')})`, advice);
  };
  if ('lacking' in answered.answer) return [lacks(check, answered.answer.lacking)];
  const [first] = answered.answer;
  return [
    ...answered.answer.map(({ vpc, bakeGroups, lacking }) =>
      lacking === undefined || bakeGroups?.length === 0
        ? bakeGroup(site, vpc, bakeGroups)
        : lacks(check, lacking),
    ),
    ...(first?.missingGroups ?? []).map((name) =>
      lacks(
        groupCheck(name),
        'it does not exist in this region: create it, or correct `group` in nodes.yaml',
      ),
    ),
    ...(first?.missingTypes ?? []).map((type) =>
      lacks(`type ${type}`, 'this region does not offer it: correct `size` in nodes.yaml'),
    ),
  ];
}

function bakeGroup(site: BakeSite, vpc: string, groups: Parameters<typeof judgeGroups>[3] | undefined) {
  const name = nameOf(site);
  if (groups === undefined) return ok(groupCheck(name), `Packer creates one in ${vpc} for each bake`);
  return judgeGroups(name, vpc, site.ports, groups);
}

/** The name of the security group of a site's bakes. */
function nameOf({ place: { groups } }: BakeSite): string {
  if (groups === 'temporary') return 'of the bake';
  return 'ids' in groups ? groups.ids.join(', ') : Object.values(groups.filters).join(', ');
}

/** Judges whether EC2 answers at all: a call that is denied is an answer, too. */
function judgeEc2(answers: readonly SiteAnswer[], region: string, endpoint: string | undefined): Finding {
  const at = endpoint === undefined ? '' : ` at ${endpoint}`;
  const failures = answers.flatMap((one) => ('failure' in one ? [one.failure] : []));
  const silent = failures.filter(({ problem }) => problem !== undefined && problem !== 'denied');
  const [first] = silent;
  if (first !== undefined && silent.length === answers.length) return judgeFailure('EC2', first);
  return ok('EC2', `answers in ${region}${at}`);
}

function judgeNoGroups(
  check: string,
  { failure }: Extract<SiteAnswer, { failure: unknown }>,
  ec2: Finding,
): Finding {
  return ec2.state === 'ok'
    ? judgeFailure(check, failure)
    : unknown(check, 'EC2 could not be asked', 'see EC2');
}

/** What AWS answered, or why it did not. */
type Answer<T> = { answer: T } | { failure: CallFailure };

/** Waits for an answer of AWS, at most so long. An error that is not AWS's is thrown: it is a bug. */
async function answerWithin<T>(limitMs: number, answer: Promise<T>): Promise<Answer<T>> {
  const timer = new AbortController();
  const late = sleep(limitMs, undefined, { signal: timer.signal, ref: false }).then(() => ({
    failure: {
      problem: 'timeout' as const,
      code: 'TimeoutError',
      message: `AWS did not answer within ${limitMs / 1000} s`,
      call: undefined,
    },
  }));
  late.catch(() => undefined);
  const settled = answer.then(
    (value) => ({ answer: value }),
    (error: unknown) => ({ failure: failureOf(error) }),
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    timer.abort();
  }
}

function failureOf(error: unknown): CallFailure {
  if (!(error instanceof Error)) throw error;
  const call = 'call' in error && typeof error.call === 'string' ? error.call : undefined;
  if (error instanceof CloudError) {
    const code = codeOf(error.cause);
    // The finding's advice says what to do.
    const message = code === noSource ? (error.cause as Error).message : error.message;
    return { problem: error.problem, code, message, call };
  }
  if (!('$metadata' in error)) throw error;
  return { problem: undefined, code: codeOf(error), message: error.message, call };
}
