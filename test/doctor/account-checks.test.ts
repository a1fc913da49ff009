import { describe, expect, test } from '@jest/globals';
import { type Account, accountFindings } from '../../src/doctor/account-checks.ts';
import { bakeSites } from '../../src/doctor/bake-sites.ts';
import { CloudError } from '../../src/aws/ec2-failure.ts';
import type { Site, SiteNeeds } from '../../src/doctor/account-calls.ts';
import type { Node } from '../../src/nodes/node.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';

const ingress = [{ protocol: 'tcp', from: 22, to: 22, cidrs: ['10.0.0.0/8'], others: [] }];
const open = (vpc: string, over: Partial<Site> = {}): Site[] => [
  {
    vpc,
    bakeGroups: [{ id: `sg-of-${vpc}`, ingress }],
    ...{ lacking: undefined, missingGroups: [], missingTypes: [], ...over },
  },
];
const vpcOf = ({ place: { vpc } }: SiteNeeds) => (vpc !== undefined && 'id' in vpc ? vpc.id : undefined);
const ready: Account = {
  measuredOffsetMs: () => -800,
  regionOfSdk: () => Promise.resolve('eu-west-1'),
  identity: () =>
    Promise.resolve({
      account: '1',
      arn: 'arn:aws:iam::1:user/ci',
      keyId: 'AKIAIOSFODNN7EXAMPLE',
      sources: [],
    }),
  sitesFor: (site) => Promise.resolve(open(vpcOf(site) ?? 'vpc-default')),
};
const nodesOf = (text: string): Node[] => parseNodes(text).nodes;
const redis = nodesOf('redis: {group: g}');
const findings = async (over: Partial<Account>, nodes = redis, limitMs = 60_000) =>
  accountFindings({ ...ready, ...over }, await bakeSites(nodes), { AWS_REGION: 'eu-west-1' }, limitMs);
const problems = async (over: Partial<Account>, nodes = redis, limitMs = 60_000) =>
  Object.fromEntries(
    (await findings(over, nodes, limitMs))
      .filter(({ state }) => state !== 'ok')
      .map((one) => [one.check, one]),
  );
const failed = (problem: ConstructorParameters<typeof CloudError>[0]) =>
  Promise.reject(
    Object.assign(new CloudError(problem, problem, new Error('x')), { call: 'ec2:DescribeVpcs' }),
  );
const unknown = expect.objectContaining({ state: 'unknown' });

test('accountFindings finds each check of a ready account ok', async () => {
  expect((await findings({})).map(({ check, state }) => `${check} ${state}`)).toEqual([
    'region ok',
    'credentials ok',
    'EC2 ok',
    'group packer ok',
    'clock ok',
  ]);
});

describe('the groups', () => {
  test('are checked in each VPC where nodes are baked, for the ssh ports of its nodes', async () => {
    const nodes = nodesOf(
      [
        'a: {group: g}',
        'b: {group: g, packer: {vpc_id: vpc-2, ssh_port: 2222}}',
        'c: {group: g}',
        'd: {group: g, packer: {vpc_id: vpc-2}}',
      ].join('\n'),
    );
    const found = (await findings({}, nodes)).filter(({ check }) => check === 'group packer');
    expect(found).toEqual([
      expect.objectContaining({ state: 'ok', found: expect.stringContaining('vpc-default') }),
      expect.objectContaining({ state: 'wrong', found: expect.stringMatching(/vpc-2: no address .* 2222/) }),
    ]);
  });

  test('of one VPC can be unknown while EC2 answers for another', async () => {
    const nodes = nodesOf('a: {group: g}\nb: {group: g, packer: {vpc_id: vpc-2}}');
    const found = await findings(
      {
        sitesFor: (site) => (vpcOf(site) === undefined ? Promise.resolve(open('vpc-1')) : failed('server')),
      },
      nodes,
    );
    expect(found.map(({ check, state }) => `${check} ${state}`)).toEqual([
      'region ok',
      'credentials ok',
      'EC2 ok',
      'group packer ok',
      'group packer unknown',
      'clock ok',
    ]);
  });

  test('are checked in the default VPC when no node can be read', async () => {
    const asked: unknown[] = [];
    await findings({ sitesFor: ({ place }) => (asked.push(place), Promise.resolve(open('vpc-1'))) }, []);
    expect(asked).toEqual([{ groups: { filters: { 'group-name': 'packer' } } }]);
  });

  test('of no VPC are missing, with the nodes that need it', async () => {
    const lacking = 'this region has no default VPC: name a subnet as `packer: {subnet_id: …}` in nodes.yaml';
    expect(await problems({ sitesFor: () => Promise.resolve({ lacking }) })).toEqual({
      'group packer': {
        check: 'group packer',
        state: 'missing',
        found: 'this region has no default VPC (redis)',
        advice: 'name a subnet as `packer: {subnet_id: …}` in nodes.yaml',
      },
    });
  });

  test('are named by the pack, with what it lacks and with each that its servers need', async () => {
    const nodes = nodesOf(
      'a: {group: zookeeper, size: m9.huge, packer: {security_group_filter: null, security_group_ids: [sg-1, sg-2]}}',
    );
    const lacking = 'there is no security group sg-2 in vpc-1: correct it';
    const asked: SiteNeeds[] = [];
    const sitesFor: Account['sitesFor'] = (site) => {
      asked.push(site);
      return Promise.resolve(
        open('vpc-1', { lacking, missingGroups: ['zookeeper'], missingTypes: ['m9.huge'] }),
      );
    };
    expect(Object.values(await problems({ sitesFor }, nodes))).toMatchObject([
      { check: 'group sg-1, sg-2', state: 'missing', found: 'there is no security group sg-2 in vpc-1 (a)' },
      { check: 'group zookeeper', state: 'missing', found: 'it does not exist in this region (a)' },
      { check: 'type m9.huge', state: 'missing', advice: 'correct `size` in nodes.yaml' },
    ]);
    expect(asked).toMatchObject([
      { place: { groups: { ids: ['sg-1', 'sg-2'] } }, groups: ['zookeeper'], types: ['m9.huge'] },
    ]);
  });

  test('of a pack that asks another account are not judged, which is a warning', async () => {
    const nodes = nodesOf('a: {group: g, packer: {profile: other}}');
    expect(Object.values(await problems({}, nodes))).toMatchObject([
      { check: 'pack of a', state: 'warning', found: expect.stringContaining('credentials of its own') },
    ]);
  });

  test('that Packer makes itself are not missed', async () => {
    const nodes = nodesOf('a: {group: g, packer: {security_group_filter: null}}');
    const sitesFor = () => Promise.resolve(open('vpc-1', { bakeGroups: undefined }));
    expect(await problems({ sitesFor }, nodes)).toEqual({});
  });

  test('are wrong when their call is denied, though EC2 answers', async () => {
    expect(await problems({ sitesFor: () => failed('denied') })).toEqual({
      'group packer': expect.objectContaining({ state: 'wrong', found: 'ec2:DescribeVpcs is denied' }),
    });
  });

  test('are unknown after an error code that is not known', async () => {
    const odd = Object.assign(new Error('no'), { name: 'InvalidSubnetID.Malformed', $metadata: {} });
    expect(await problems({ sitesFor: () => Promise.reject(odd) })).toEqual({
      'group packer': expect.objectContaining({
        state: 'unknown',
        found: expect.stringContaining('InvalidSubnetID.Malformed: no'),
      }),
    });
  });
});

test.each<[Parameters<typeof failed>[0]]>([
  ['unreachable'],
  ['timeout'],
  ['throttled'],
  ['server'],
  ['malformed'],
])('an EC2 that is %s leaves its checks unknown, and no other', async (problem) => {
  expect(await problems({ sitesFor: () => failed(problem) })).toEqual({
    EC2: unknown,
    'group packer': unknown,
  });
});

test('an AWS that never answers leaves each check unknown but the region', async () => {
  const never = () => new Promise<never>(() => undefined);
  const silent = { identity: never, sitesFor: never, measuredOffsetMs: () => 0 };
  expect(Object.keys(await problems(silent, redis, 50))).toEqual([
    'credentials',
    'EC2',
    'group packer',
    'clock',
  ]);
});

test('accountFindings throws a bug instead of making it a finding', async () => {
  await expect(findings({ identity: () => Promise.reject(new TypeError('x')) })).rejects.toThrow(TypeError);
});
