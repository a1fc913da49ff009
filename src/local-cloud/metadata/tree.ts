import { groupNames, privateName, publicAddressOf } from '../answers/instance.ts';
import { zoneIdOf, zoneOf } from '../region.ts';
import type { Instance, State } from '../state/model.ts';

/** What a machine may read of itself: a text, bytes (user data may be any), or a folder of them. */
export type Metadata = string | Buffer | { readonly [name: string]: Metadata };

/** All below `/latest/` for one instance: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-metadata.html */
export function metadataOf(instance: Instance, state: State): Metadata {
  const { account } = state;
  const host = privateName(instance);
  const groups = groupNames(instance, state.groups).join('\n');
  const publicAddress = publicAddressOf(instance);
  const cidr = `${account.network}.0/24`;
  return {
    dynamic: { 'instance-identity': { document: identity(instance, state) } },
    'meta-data': present({
      'ami-id': instance.imageId,
      'ami-launch-index': String(instance.launchIndex),
      'ami-manifest-path': '(unknown)',
      'block-device-mapping': { ami: instance.rootDeviceName, root: instance.rootDeviceName },
      hostname: host,
      'instance-action': 'none',
      'instance-id': instance.id,
      'instance-life-cycle': 'on-demand',
      'instance-type': instance.type,
      'local-hostname': host,
      'local-ipv4': instance.address,
      mac: instance.mac,
      network: {
        interfaces: {
          macs: {
            [instance.mac]: present({
              'device-number': '0',
              'interface-id': instance.interfaceId,
              'local-hostname': host,
              'local-ipv4s': instance.address,
              mac: instance.mac,
              'owner-id': account.id,
              'public-ipv4s': publicAddress,
              'security-group-ids': instance.groupIds.join('\n'),
              'security-groups': groups,
              'subnet-id': account.subnetId,
              'subnet-ipv4-cidr-block': cidr,
              'vpc-id': account.vpcId,
              'vpc-ipv4-cidr-block': cidr,
              'vpc-ipv4-cidr-blocks': cidr,
            }),
          },
        },
      },
      placement: {
        'availability-zone': zoneOf(account),
        'availability-zone-id': zoneIdOf(account),
        region: account.region,
      },
      profile: 'default-hvm',
      'public-ipv4': publicAddress,
      'public-keys': instance.publicKey && {
        [`0=${instance.keyName ?? ''}`]: { 'openssh-key': `${instance.publicKey}\n` },
      },
      'reservation-id': instance.reservationId,
      'security-groups': groups,
      services: { domain: 'amazonaws.com', partition: 'aws' },
      tags:
        instance.metadata.tagsInMetadata === 'enabled'
          ? { instance: { ...state.tags[instance.id] } }
          : undefined,
    }),
    ...(instance.userData === '' ? {} : { 'user-data': Buffer.from(instance.userData, 'base64') }),
  };
}

/** The text, the bytes or the listing at a path; a folder's name ends with `/` in a listing. Undefined: there is nothing. */
export function contentAt(tree: Metadata, path: readonly string[]): string | Buffer | undefined {
  let here: Metadata | undefined = tree;
  for (const name of path) {
    if (here === undefined || !isFolder(here)) return undefined;
    // A key is listed with its number and name, `0=key`, and asked for by the number.
    const [, numbered]: [string?, Metadata?] =
      Object.entries(here).find(([one]) => one.startsWith(`${name}=`)) ?? [];
    here = Object.hasOwn(here, name) ? here[name] : isFolder(numbered) ? numbered : undefined;
  }
  if (here === undefined || !isFolder(here)) return here;
  return Object.entries(here)
    .map(([name, inner]) => (isFolder(inner) && !name.includes('=') ? `${name}/` : name))
    .join('\n');
}

/** The facts that Facter has of a machine on EC2 by its metadata service: none where that is disabled. */
export function metadataFacts(instance: Instance, state: State): Readonly<Record<string, unknown>> {
  const tree = metadataOf(instance, state);
  if (instance.metadata.endpoint === 'disabled' || !isFolder(tree)) return {};
  return { ec2_metadata: asFact(tree['meta-data'] ?? ''), cloud: { provider: 'aws' } };
}

function asFact(value: Metadata): unknown {
  if (!isFolder(value)) return value.toString().trim();
  // As Facter names them: of `0=key` it takes the number.
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      isFolder(inner) ? name.replace(/=.*$/, '') : name,
      asFact(inner),
    ]),
  );
}

function isFolder(value: Metadata | undefined): value is Exclude<Metadata, string | Buffer> {
  return typeof value === 'object' && !Buffer.isBuffer(value);
}

function identity(instance: Instance, { account }: State): string {
  const document = {
    accountId: account.id,
    architecture: 'x86_64',
    availabilityZone: zoneOf(account),
    imageId: instance.imageId,
    instanceId: instance.id,
    instanceType: instance.type,
    pendingTime: instance.launchedAt,
    privateIp: instance.address,
    region: account.region,
    version: '2017-09-30',
  };
  return JSON.stringify(document, null, 2);
}

function present(entries: Readonly<Record<string, Metadata | undefined>>): Metadata {
  return Object.fromEntries(
    Object.entries(entries).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
