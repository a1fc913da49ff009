import { firstAccount } from '../../src/local-cloud/state/first-account.ts';
import type { AutoScalingGroup } from '../../src/local-cloud/state/auto-scaling.ts';
import type { LaunchTemplate } from '../../src/local-cloud/state/launch-model.ts';
import type { Image, Instance, Snapshot, State, Tags } from '../../src/local-cloud/state/model.ts';
import type { Parameter } from '../../src/local-cloud/state/parameter.ts';

/** How much an account has. */
export interface AccountSize {
  nodes: number;
  imagesPerNode: number;
  instances: number;
  templates: number;
  versionsPerTemplate: number;
  groups: number;
  parameters: number;
}

const hourMs = 3_600_000;
const weekMs = 7 * 24 * hourMs;
const digits = (number: number, length: number) => String(number).padStart(length, '0');

export const nodeName = (node: number) => `node-${digits(node, 3)}`;
/** The id of a node's image; 0 is its newest. */
export const imageId = (node: number, index: number) => `ami-0${digits(node, 8)}${digits(index, 8)}`;
const snapshotId = (node: number, index: number) => `snap-0${digits(node, 8)}${digits(index, 8)}`;
/** What verify has left on an image. */
export const verdictOf = (index: number): 'verified' | 'rejected' | 'none' =>
  index % 10 === 7 ? 'rejected' : index % 10 === 4 ? 'none' : 'verified';
/** Each node is baked once a week, one node after the other. */
export const createdMs = (node: number, index: number, nowMs: number) =>
  nowMs - 2 * hourMs - index * weekMs - node * 60_000;
/** Every tenth node is baked from the images of the first. */
export const parentOf = (node: number, index: number) =>
  node % 10 === 5 ? imageId(0, index) : 'ami-0debdebdebdebdeb0';

/** The n-th thing that uses an image: an image of some node, not older than the `newest` newest. */
export function imageFor(n: number, { nodes }: AccountSize, newest: number): string {
  return imageId((n * 7) % nodes, Math.floor((n * 7) / nodes) % newest);
}

/** The images that count as used by {@link largeAccount}, but for those that others are baked from. */
export function usedImages(size: AccountSize): Set<string> {
  const { templates, versionsPerTemplate: last } = size;
  const each = (count: number, imageOf: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => imageOf(n));
  return new Set([
    ...each(size.instances, (n) => imageFor(n, size, 40)),
    ...each(size.parameters, (n) => imageFor(n, size, 3)),
    ...each(templates, (n) => versionImage(n, last, size)),
    ...each(templates, (n) => versionImage(n, last - 1, size)),
    ...each(size.groups, (n) =>
      isPinning(n)
        ? versionImage(n % templates, pinnedVersion, size)
        : versionImage(n % templates, last, size),
    ),
  ]);
}

/** The version that every other group names; it is neither the default nor the latest. */
const pinnedVersion = 2;
export const isPinning = (group: number) => group % 2 === 1;
const versionImage = (template: number, version: number, size: AccountSize) =>
  imageId((template * 11) % size.nodes, size.imagesPerNode - 3 * version - 1);

/** An account as years of bakes leave it. */
export function largeAccount(size: AccountSize, nowMs: number): State {
  const first = firstAccount();
  const images: Record<string, Image> = {};
  const snapshots: Record<string, Snapshot> = {};
  const tags: Record<string, Tags> = {};
  for (let node = 0; node < size.nodes; node += 1) {
    for (let index = 0; index < size.imagesPerNode; index += 1) {
      const [image, snapshot] = [imageId(node, index), snapshotId(node, index)];
      const at = createdMs(node, index, nowMs);
      const createdAt = new Date(at).toISOString();
      const name = `${nodeName(node)}-${Math.floor(at / 1000)}`;
      images[image] = imageOf(image, name, snapshot, createdAt);
      snapshots[snapshot] = snapshotOf(snapshot, image, createdAt);
      tags[snapshot] = bakeTags(node, index);
      const verdict = verdictOf(index);
      tags[image] = {
        ...bakeTags(node, index),
        ...(verdict === 'verified' ? { 'bakehouse:verified': 'true' } : {}),
        ...(verdict === 'rejected'
          ? { 'bakehouse:rejected': 'check port-open failed: nothing listens on 6379' }
          : {}),
      };
    }
  }
  const keyed = <T>(count: number, make: (n: number) => [string, T]) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => make(n)));
  const template = (n: number) => templateOf(n, size, new Date(nowMs).toISOString());
  return {
    ...first,
    images,
    snapshots,
    tags,
    instances: keyed(size.instances, (n) => [instanceId(n), instanceOf(n, imageFor(n, size, 40), nowMs)]),
    launchTemplates: keyed(size.templates, (n) => [template(n).id, template(n)]),
    autoScalingGroups: keyed(size.groups, (n) => [`group-${n}`, groupOf(n, template(n % size.templates).id)]),
    parameters: keyed(size.parameters, (n) => [parameterName(n), parameterOf(n, imageFor(n, size, 3))]),
  };
}

function bakeTags(node: number, index: number): Tags {
  return {
    'bakehouse:node': nodeName(node),
    'bakehouse:run': `jenkins-bake-${digits(10_000 - index, 5)}`,
    'bakehouse:digest': `sha256:${'0123456789abcdef'.repeat(4)}`,
    'bakehouse:commit': '3c0a5b1de8f2a94c7b6d5e4f3a2b1c0d9e8f7a6b',
    'bakehouse:source-ami': parentOf(node, index),
  };
}

function imageOf(id: string, name: string, snapshot: string, createdAt: string): Image {
  return {
    ...{ id, name, description: 'baked by Bakehouse', ownerId: '123456789012', createdAt },
    ...{ isPublic: false, launchUsers: [], state: 'available', rootDeviceName: '/dev/xvda' },
    mappings: [
      {
        deviceName: '/dev/xvda',
        snapshotId: snapshot,
        size: 8,
        type: 'gp3',
        iops: 3000,
        throughput: 125,
        deleteOnTermination: true,
      },
    ],
    ...{ imdsV2Only: false, enaSupport: true, sriovNetSupport: true },
  };
}

function snapshotOf(id: string, image: string, startedAt: string): Snapshot {
  return {
    ...{ id, ownerId: '123456789012', volumeId: 'vol-ffffffff', size: 8, startedAt, state: 'completed' },
    ...{
      description: `Created by CreateImage(i-0123456789abcdef0) for ${image}`,
      layers: [],
      isPublic: false,
      users: [],
    },
  };
}

const instanceId = (n: number) => `i-0${digits(n, 16)}`;

function instanceOf(n: number, image: string, nowMs: number): Instance {
  return {
    ...{
      id: instanceId(n),
      reservationId: `r-0${digits(n, 16)}`,
      launchIndex: 0,
      imageId: image,
      type: 't3.micro',
    },
    ...{ groupIds: [], state: n % 10 === 0 ? 'stopped' : 'running', transitionReason: '' },
    ...{ launchedAt: new Date(nowMs - n * hourMs).toISOString(), rootDeviceName: '/dev/xvda' },
    ...{ rootVolumeId: `vol-0${digits(n, 16)}`, address: `10.1.2.${n % 250}`, mac: '02:00:00:00:00:01' },
    ...{ interfaceId: `eni-0${digits(n, 16)}`, shutdownBehavior: 'stop', userData: '' },
    metadata: { tokens: 'required', endpoint: 'enabled', hopLimit: 1, tagsInMetadata: 'disabled' },
    ...{
      enaSupport: true,
      sriovNetSupport: true,
      ebsOptimized: false,
      monitored: false,
      apiTerminationDisabled: false,
    },
  };
}

/** The default is the version before the latest. */
function templateOf(n: number, size: AccountSize, createdAt: string): LaunchTemplate {
  const last = size.versionsPerTemplate;
  const versions = Array.from({ length: last }, (_, index) => ({
    number: index + 1,
    createdAt,
    data: { ImageId: versionImage(n, index + 1, size), InstanceType: 't3.micro' },
  }));
  const [id, name] = [`lt-0${digits(n, 16)}`, `template-${n}`];
  return { id, name, createdAt, defaultVersion: last - 1, lastNumber: last, versions };
}

function groupOf(n: number, template: string): AutoScalingGroup {
  const version = isPinning(n) ? String(pinnedVersion) : '$Latest';
  return {
    ...{ name: `group-${n}`, uuid: `00000000-0000-4000-8000-${digits(n, 12)}` },
    source: { kind: 'template', template: { id: template, version } },
    ...{
      minSize: 1,
      maxSize: 4,
      desired: 2,
      zones: ['us-east-1a'],
      subnets: '',
      cooldown: 300,
      healthCheck: 'EC2',
    },
    ...{ gracePeriod: 0, protectedFromScaleIn: false, createdAt: '2026-01-02T03:04:05.000Z', refreshes: [] },
  };
}

const parameterName = (n: number) => `/images/parameter-${n}`;

function parameterOf(n: number, value: string): Parameter {
  const modifiedAt = '2026-01-02T03:04:05.000Z';
  return {
    name: parameterName(n),
    type: 'String',
    dataType: 'text',
    value,
    version: 1,
    modifiedAt,
    older: [],
  };
}
