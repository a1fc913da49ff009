import type { ImageContents } from '../../src/contents/image-contents.ts';
import { diffContents } from '../../src/contents/diff-contents.ts';
import type { BakeOverview, ImageOverview, NodeOverview, Overview } from '../../src/overview/overview.ts';

export const exampleMs = Date.parse('2026-11-28T12:00:00Z');
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const [own, other] = ['eu-central-1', 'us-east-1'];

const idOf = (node: number, image: number) =>
  `ami-0${(0x5bd1e995 * (node * 101 + image + 1)).toString(16).slice(0, 8).padStart(16, '7')}`;

/** A node with so many images, of which some are rejected, one is revoked, and the third newest is in service. */
export function exampleNode(name: string, number: number, images: number, packages = 223): NodeOverview {
  const list = Array.from({ length: images }, (_, at) => exampleImage(name, number, at));
  const inService = list[Math.min(2, images - 1)];
  const newest = list[0];
  const contents = newest && exampleContents(name, newest.id, packages, 17);
  return {
    node: name,
    maxAgeMs: 30 * dayMs,
    images: list.map((image) => (image === inService ? { ...image, ...served(image) } : image)),
    current: inService === undefined ? [] : currentOf(name, inService),
    plan: {
      action: number % 3 === 0 ? 'bake' : 'skip',
      reasons: [
        number % 3 === 0
          ? 'the catalog changed:\n+ File[/etc/redis/redis.conf]\n- Package[memcached]\n~ Service[redis] ensure stopped → running'
          : 'nothing that it is made of changed',
      ],
      madeMs: exampleMs - 2 * hourMs,
      commit: '3f2b7c9d1e4a5b6c7d8e9f0a1b2c3d4e5f6a7b8c',
      bakedSince: false,
    },
    ...(newest?.bake && { lastBake: newest.bake }),
    ...(contents && { contents }),
    ...(contents &&
      inService && {
        difference: diffContents(exampleContents(name, inService.id, packages - 1, 15), contents),
      }),
  };
}

function exampleImage(node: string, number: number, at: number): ImageOverview {
  const bakedMs = exampleMs - at * 3.1 * dayMs - (number + 1) * hourMs;
  const id = idOf(number, at);
  const rejected = at % 7 === 4 || (at === 0 && number === 1);
  const state = rejected ? 'rejected' : at === 5 ? 'revoked' : 'verified';
  return {
    ...{ id, name: `${node}-${Math.floor(bakedMs / 1000)}`, bakedMs, state },
    ...(rejected && {
      reason: 'Service[redis] failed: could not start (site/profile/manifests/redis.pp:41)',
    }),
    ...(state === 'revoked' && { reason: 'openssl 3.0.15 has CVE-2026-1234' }),
    ...{ commit: '3f2b7c9d1e4a5b6c7d8e9f0a1b2c3d4e5f6a7b8c', run: `jenkins-bake-${400 - at}` },
    ...{ sourceAmi: 'ami-0debian12base0000', digest: 'a3f5c1d2e4b6978812345678' },
    ...{ copies: [], currentIn: [], users: [], usersUnknownIn: [], gib: 8 },
    ...(at < 20 && { bake: exampleBake(id, bakedMs, number + at) }),
  };
}

function served(image: ImageOverview): Partial<ImageOverview> {
  return {
    copies: [{ region: other, id: image.id.replace('ami-0', 'ami-1') }],
    currentIn: [own, other],
    promotedMs: (image.bakedMs ?? 0) + hourMs,
    gib: 16,
    users: [
      { region: own, kind: 'instance', by: 'instance i-0a1b2c3d4e5f60718 (running)' },
      { region: own, kind: 'launch-template', by: 'launch template redis, version 12 (default)' },
      { region: other, kind: 'auto-scaling-group', by: 'Auto Scaling group redis-blue' },
    ],
  };
}

function currentOf(node: string, { id }: ImageOverview): NodeOverview['current'] {
  const parameter = `/bakehouse/${node}/ami`;
  return [
    { region: own, parameter, image: id, original: id },
    { region: other, parameter, image: id.replace('ami-0', 'ami-1'), original: id },
  ];
}

function exampleBake(image: string, startedMs: number, seed: number): BakeOverview {
  const wobble = 1 + ((seed * 37) % 17) / 40;
  const phases = [
    { phase: 'launch', seconds: 21 * wobble },
    { phase: 'connect', seconds: 14 },
    { phase: 'provision', seconds: 96 * wobble },
    { phase: 'seal', seconds: 6 },
    { phase: 'image', seconds: 74 * wobble },
  ];
  const file = 'site/profile/manifests/redis.pp';
  return {
    ...{ status: 'baked', image, startedMs, phases },
    seconds: phases.reduce((sum, { seconds }) => sum + seconds, 0),
    puppet: {
      ...{ changed: 12, unchanged: 148, failed: 0, skipped: 0 },
      changes: Array.from({ length: 12 }, (_, at) => ({
        ...{ resource: `File[/etc/redis/conf.d/${at}.conf]`, file, line: 10 + at * 3 },
        messages: ["ensure changed 'absent' to 'file'"],
      })),
      slowest: [
        'Package[redis-server]',
        'Exec[apt_update]',
        'Service[redis]',
        'File[/opt/app]',
        'User[app]',
      ].map((resource, at) => ({
        resource,
        file,
        line: 20 + at,
        messages: [],
        seconds: (19 * wobble) / (at + 1),
      })),
    },
  };
}

const words = ['ssl', 'systemd', 'perl-base', 'z', 'gnutls', 'python3', 'curl4', 'pam-modules'];

function exampleContents(node: string, image: string, packages: number, patch: number): ImageContents {
  return {
    ...{ schema: 1, node, image, run: 'jenkins-bake-400', listedAt: '2026-11-28T11:00:00Z' },
    distribution: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12 (bookworm)' },
    ...{ kernel: '6.1.0-28-cloud-amd64', architecture: 'amd64' },
    packages: [
      { name: 'openssl', version: `3.0.${patch}-1~deb12u1`, architecture: 'amd64' },
      ...Array.from({ length: packages }, (_, at) => ({
        ...{
          name: `lib${words[at % words.length]}${at}`,
          version: `2.${at % 180}.4-1`,
          architecture: 'amd64',
        },
      })),
    ],
    services: ['cron', 'redis-server', 'ssh', 'systemd-timesyncd'].map((name) => ({
      ...{ name: `${name}.service`, enabled: 'enabled', running: true },
    })),
    ports: [
      { protocol: 'tcp', address: '0.0.0.0', port: 22, program: 'sshd' },
      { protocol: 'tcp', address: '127.0.0.1', port: 6379, program: 'redis-server' },
    ],
    users: ['root', 'daemon', 'redis'].map((name, uid) => ({
      ...{ name, uid, gid: uid, home: `/home/${name}`, shell: '/bin/bash' },
    })),
    setuid: [{ path: '/usr/bin/sudo', mode: '4755', owner: 'root', group: 'root' }],
    unknown: [],
  };
}

const names = [
  'app',
  'cache',
  'db',
  'edge',
  'files',
  'gateway',
  'ldap',
  'mail',
  'mq',
  'proxy',
  'redis',
  'web',
];

/** Nodes with images, as a team has them after months. */
export function exampleOverview(nodes: number, images: number, packages = 223): Overview {
  const nameOf = (at: number) => `${names[at % names.length]}${at < names.length ? '' : `-${at}`}`;
  return {
    ...{ madeMs: exampleMs, account: '123456789012', regions: [own, other] },
    nodes: Array.from({ length: nodes }, (_, at) => exampleNode(nameOf(at), at, images, packages)),
    leftovers: ['instance i-0123456789abcdef0 of web of run jenkins-bake-371: its run ended 3 h ago'],
    problems: [],
  };
}
