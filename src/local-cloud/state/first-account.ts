import { homeRegion, type Region } from '../region.ts';
import { newAccessKeyId, newId, newSecretKey } from './ids.ts';
import { noLaunchRecords } from './launch-model.ts';
import type { Account, Rule, SecurityGroup, State } from './model.ts';

/** What of an account is another in each region. */
type OfRegion = 'region' | 'vpcId' | 'subnetId';

/**
 * What an account needs before the first bake, in its first region: keys, a default VPC, and the security groups that
 * servers belong to.
 */
export function firstAccount(ownUsers = false): State {
  const account: Omit<Account, OfRegion> = {
    id: '123456789012',
    network: '',
    ownUsers,
    keys: [
      { profile: 'default', id: newAccessKeyId(), secret: newSecretKey() },
      { profile: 'readonly', id: newAccessKeyId(), secret: newSecretKey() },
    ],
  };
  return newRegion(account, homeRegion);
}

/** A region in which the account has done nothing yet. */
export function newRegion(account: Omit<Account, OfRegion>, region: Region): State {
  const base = newGroup('default', 'default VPC security group');
  base.ingress = [{ protocol: '-1', peer: { kind: 'group', groupId: base.id } }];
  const groups = [
    base,
    newGroup('packer', 'Machines while they are baked', [tcp(22, '10.0.0.0/8')]),
    newGroup('redis', 'Redis servers', [tcp(6379, '10.0.0.0/8')]),
    newGroup('web', 'Web servers', [tcp(80, '0.0.0.0/0')]),
  ];
  return {
    schema: 1,
    account: { ...account, region, vpcId: newId('vpc'), subnetId: newId('subnet') },
    images: {},
    snapshots: {},
    volumes: {},
    instances: {},
    keyPairs: {},
    groups: Object.fromEntries(groups.map((group) => [group.id, group])),
    tags: {},
    ...noLaunchRecords(),
  };
}

/** A group as EC2 makes it: nothing may come in but `ingress`, everything may go out. */
export function newGroup(name: string, description: string, ingress: Rule[] = []): SecurityGroup {
  return {
    id: newId('sg'),
    name,
    description,
    ingress,
    egress: [{ protocol: '-1', peer: { kind: 'ipv4', cidr: '0.0.0.0/0' } }],
  };
}

function tcp(port: number, cidr: string): Rule {
  return { protocol: 'tcp', fromPort: port, toPort: port, peer: { kind: 'ipv4', cidr } };
}
