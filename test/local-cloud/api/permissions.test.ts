import { describe, expect, test } from '@jest/globals';
import { permissionsShape, readRules } from '../../../src/local-cloud/api/permissions.ts';
import { parseQuery } from '../../../src/local-cloud/api/query.ts';
import { group } from '../../../src/local-cloud/api/shapes.ts';
import { firstAccount } from '../../../src/local-cloud/state/first-account.ts';

const state = firstAccount();
const web = Object.values(state.groups).find(({ name }) => name === 'web')?.id ?? '';
const rules = (query: string) => {
  const given = group(permissionsShape)(parseQuery(query), '');
  return given === undefined ? [] : readRules(given, state);
};

describe('the rules of a group', () => {
  test('are one for each peer, from the list or laid flat', () => {
    const listed =
      'IpPermissions.1.IpProtocol=6&IpPermissions.1.FromPort=80&IpPermissions.1.ToPort=81' +
      `&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8&IpPermissions.1.Groups.1.GroupName=web`;
    expect(rules(listed)).toEqual([
      { protocol: 'tcp', fromPort: 80, toPort: 81, peer: { kind: 'ipv4', cidr: '10.0.0.0/8' } },
      { protocol: 'tcp', fromPort: 80, toPort: 81, peer: { kind: 'group', groupId: web } },
    ]);
    expect(rules('IpProtocol=-1&CidrIp=0.0.0.0/0')).toEqual([
      { protocol: '-1', peer: { kind: 'ipv4', cidr: '0.0.0.0/0' } },
    ]);
  });

  test.each([
    ['GroupId=sg-1', 'MissingParameter'],
    ['IpProtocol=tcp&FromPort=90&ToPort=80&CidrIp=0.0.0.0/0', 'InvalidParameterValue'],
    ['IpProtocol=tcp&FromPort=80&ToPort=80&CidrIp=10.0.0.256/8', 'InvalidParameterValue'],
    ['IpProtocol=tcp&FromPort=80&ToPort=80&CidrIp=10.0.0.0/33', 'InvalidParameterValue'],
    ['IpProtocol=ipx&CidrIp=10.0.0.0/8', 'InvalidParameterValue'],
    ['SourceSecurityGroupName=none', 'InvalidGroup.NotFound'],
  ])('%s are refused with %s', (query, code) => {
    expect(() => rules(query)).toThrow(expect.objectContaining({ code }));
  });
});
