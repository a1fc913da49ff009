import type * as DoctorAccount from '../images/doctor-account.ts';
import type { Node } from '../nodes/node.ts';
import { bakeSites } from './bake-sites.ts';
import { type Finding, missing, ok, unknown } from './finding.ts';
import { judgeClock, judgeFailure, judgeIdentity, judgeRegion } from './judge-account.ts';
import { groupCheck, judgeGroups } from './judge-group.ts';
import { type Look, look } from './look.ts';

/** What is asked of the account. */
export type Account = typeof DoctorAccount;
type Groups = Look<Awaited<ReturnType<Account['groupsFor']>>>;

/**
 * Asks AWS who we are, and whether it has what bakes of these nodes need.
 * @param limitMs how long one answer may take, with all of the SDK's own patience
 */
export async function accountFindings(
  account: Account,
  nodes: readonly Node[],
  env: NodeJS.ProcessEnv,
  limitMs: number,
): Promise<Finding[]> {
  const [region, identity, sites] = await Promise.all([
    account.regionOfSdk(),
    look(account.identity(), limitMs),
    Promise.all(
      bakeSites(nodes).map(async (site) => ({
        ...site,
        look: await look(account.groupsFor(site.over), limitMs),
      })),
    ),
  ]);
  const who =
    'answer' in identity ? judgeIdentity(identity.answer) : judgeFailure('credentials', identity.failure);
  const ec2 = judgeEc2(
    sites.map((site) => site.look),
    region ?? '',
    env.AWS_ENDPOINT_URL_EC2 ?? env.AWS_ENDPOINT_URL,
  );
  const check = groupCheck(account.bakeGroup);
  const groups = sites.map(({ look: seen, ports, nodes: names }) => {
    if ('failure' in seen) return judgeNoGroups(check, seen, ec2);
    if ('vpc' in seen.answer)
      return judgeGroups(account.bakeGroup, { ...seen.answer, ports }, seen.answer.groups);
    const [found = '', advice = ''] = seen.answer.lacking.split(/: (.*)/s);
    return missing(check, names.length === 0 ? found : `${found} (${names.join(', ')})`, advice);
  });
  const offsetMs = account.measuredOffsetMs();
  const answered = offsetMs !== 0 || ec2.state === 'ok' || 'answer' in identity;
  return [judgeRegion(region, env), who, ec2, ...groups, judgeClock(answered ? offsetMs : undefined)];
}

/** Judges whether EC2 can be asked at all: a refusal of one call is an answer, too. */
function judgeEc2(looks: readonly Groups[], region: string, endpoint: string | undefined): Finding {
  const at = endpoint === undefined ? '' : ` at ${endpoint}`;
  const failures = looks.flatMap((one) => ('failure' in one ? [one.failure] : []));
  const silent = failures.filter(({ problem }) => problem !== undefined && problem !== 'denied');
  const [first] = silent;
  if (first !== undefined && silent.length === looks.length) return judgeFailure('EC2', first);
  return ok('EC2', `answers in ${region}${at}`);
}

function judgeNoGroups(
  check: string,
  { failure }: Extract<Groups, { failure: unknown }>,
  ec2: Finding,
): Finding {
  return ec2.state === 'ok'
    ? judgeFailure(check, failure)
    : unknown(check, 'EC2 could not be asked', 'see EC2');
}
