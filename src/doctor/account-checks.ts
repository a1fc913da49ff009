import type * as DoctorAccount from './doctor-account.ts';
import type { BakeSite, BakeSites } from './bake-sites.ts';
import { type Finding, missing, ok, unknown, warning } from './finding.ts';
import { judgeClock, judgeFailure, judgeIdentity, judgeRegion } from './judge-account.ts';
import { groupCheck, judgeGroups } from './judge-group.ts';
import { type Look, look } from './look.ts';

/** What is asked of the account. */
export type Account = Pick<
  typeof DoctorAccount,
  'regionOfSdk' | 'identity' | 'measuredOffsetMs' | 'sitesFor'
>;
type SiteLook = Look<Awaited<ReturnType<Account['sitesFor']>>>;

/**
 * Asks AWS who we are, and whether it has what bakes and servers of these nodes need.
 * @param limitMs how long one answer may take, with all of the SDK's own patience
 */
export async function accountFindings(
  account: Account,
  { sites, unknown: untold }: BakeSites,
  env: NodeJS.ProcessEnv,
  limitMs: number,
): Promise<Finding[]> {
  const [region, identity, looks] = await Promise.all([
    account.regionOfSdk(),
    look(account.identity(), limitMs),
    Promise.all(sites.map(async (site) => ({ site, seen: await look(account.sitesFor(site), limitMs) }))),
  ]);
  const who =
    'answer' in identity ? judgeIdentity(identity.answer) : judgeFailure('credentials', identity.failure);
  const ec2 = judgeEc2(
    looks.map(({ seen }) => seen),
    region ?? '',
    env.AWS_ENDPOINT_URL_EC2 ?? env.AWS_ENDPOINT_URL,
  );
  const offsetMs = account.measuredOffsetMs();
  const answered = offsetMs !== 0 || ec2.state === 'ok' || 'answer' in identity;
  return [
    judgeRegion(region, env),
    who,
    ec2,
    ...looks.flatMap(({ site, seen }) => siteFindings(site, seen, ec2)),
    ...untold.map(({ node, why }) =>
      warning(
        `pack of ${node}`,
        `where it is baked cannot be told: ${why}`,
        'see that what it needs is there',
      ),
    ),
    judgeClock(answered ? offsetMs : undefined),
  ];
}

function siteFindings(site: BakeSite, seen: SiteLook, ec2: Finding): Finding[] {
  const check = groupCheck(nameOf(site));
  if ('failure' in seen) return [judgeNoGroups(check, seen, ec2)];
  const lacks = (which: string, sentence: string) => {
    const [found = '', advice = ''] = sentence.split(/: (.*)/s);
    return missing(which, site.nodes.length === 0 ? found : `${found} (${site.nodes.join(', ')})`, advice);
  };
  if ('lacking' in seen.answer) return [lacks(check, seen.answer.lacking)];
  const [first] = seen.answer;
  return [
    ...seen.answer.map(({ vpc, bakeGroups, lacking }) =>
      lacking === undefined || bakeGroups?.length === 0
        ? bakeGroup(site, vpc, bakeGroups)
        : lacks(check, lacking),
    ),
    ...(first?.missingGroups ?? []).map((name) =>
      lacks(groupCheck(name), 'there is none in this region: create it, or correct `group` in nodes.yaml'),
    ),
    ...(first?.missingTypes ?? []).map((type) =>
      lacks(`type ${type}`, 'this region does not offer it: correct `size` in nodes.yaml'),
    ),
  ];
}

function bakeGroup(site: BakeSite, vpc: string, groups: Parameters<typeof judgeGroups>[2] | undefined) {
  const name = nameOf(site);
  if (groups === undefined) return ok(groupCheck(name), `Packer makes one in ${vpc} for each bake`);
  return judgeGroups(name, { vpc, ports: site.ports }, groups);
}

/** What the group of a site's bakes is called. */
function nameOf({ place: { groups } }: BakeSite): string {
  if (groups === 'temporary') return 'of the bake';
  return 'ids' in groups ? groups.ids.join(', ') : Object.values(groups.filters).join(', ');
}

/** Judges whether EC2 can be asked at all: a refusal of one call is an answer, too. */
function judgeEc2(looks: readonly SiteLook[], region: string, endpoint: string | undefined): Finding {
  const at = endpoint === undefined ? '' : ` at ${endpoint}`;
  const failures = looks.flatMap((one) => ('failure' in one ? [one.failure] : []));
  const silent = failures.filter(({ problem }) => problem !== undefined && problem !== 'denied');
  const [first] = silent;
  if (first !== undefined && silent.length === looks.length) return judgeFailure('EC2', first);
  return ok('EC2', `answers in ${region}${at}`);
}

function judgeNoGroups(
  check: string,
  { failure }: Extract<SiteLook, { failure: unknown }>,
  ec2: Finding,
): Finding {
  return ec2.state === 'ok'
    ? judgeFailure(check, failure)
    : unknown(check, 'EC2 could not be asked', 'see EC2');
}
