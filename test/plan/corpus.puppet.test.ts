import { afterAll, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { tag } from '../../src/aws/tags.ts';
import { loadNodes } from '../../src/nodes/load-nodes.ts';
import { decide } from '../../src/plan/decide.ts';
import { digestOf } from '../../src/plan/digest.ts';
import { judgeRevision, offlineSource, type JudgedNode } from '../../src/plan/judge-revision.ts';
import { compileDeps } from '../../src/plan/plan.ts';
import { optionalKeys } from '../../src/generate/pack-settings.ts';
import { part } from '../runs.ts';
import { root } from '../cli/stage-process.ts';

/** Modules that Debian has packages of, each as its users declare it on a node of its own. */
const corpus: Record<string, string> = {
  apache: "include apache apache::vhost { 'a': port => 80, docroot => '/var/www/a' }",
  apt: "include apt apt::source { 'x': location => 'http://x', repos => 'main', release => 'bookworm' }",
  archive: "archive { '/tmp/x.tgz': source => 'http://x/x.tgz' }",
  concat: "concat { '/tmp/a': } concat::fragment { 'f': target => '/tmp/a', content => 'x' }",
  firewall: "include firewall firewall { '001 x': proto => 'tcp', dport => 22, action => 'accept' }",
  haproxy:
    "include haproxy haproxy::listen { 'l': collect_exported => false, ipaddress => '*', ports => '80' }",
  inifile: "ini_setting { 'x': path => '/etc/x', section => 's', setting => 'a', value => 'b' }",
  memcached: 'include memcached',
  mysql: "include mysql::server mysql::db { 'd': user => 'u', password => 'p' }",
  ntp: 'include ntp',
  postgresql: "class { 'postgresql::globals': version => '15' } include postgresql::server",
  rabbitmq: 'include rabbitmq',
  rsync: "include rsync::server rsync::server::module { 'r': path => '/srv' }",
  stdlib: "include stdlib ensure_packages(['vim']) file_line { 'x': path => '/etc/x', line => 'y' }",
  systemd: "include systemd systemd::unit_file { 'x.service': content => 'x' }",
  vcsrepo: "vcsrepo { '/srv/x': ensure => present, provider => git, source => 'https://x/y.git' }",
  xinetd: 'include xinetd',
};
/** A commit has two of them, which half a cache needs. */
const names = part(Object.keys(corpus), 2);
const folder = mkdtempSync(join(tmpdir(), 'bakehouse-corpus-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** An environment in which each of the nodes declares what the corpus says. */
function environment(name: string, nodes: readonly string[], conf: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, 'manifests'), { recursive: true });
  writeFileSync(join(path, 'environment.conf'), conf);
  const blocks = nodes.map((node) => `node '${node}.bake' { ${corpus[node] ?? ''} }\n`);
  writeFileSync(join(path, 'manifests/site.pp'), blocks.join(''));
  return path;
}

async function judged(
  manifests: string,
  nodes: readonly string[],
  { cache, parallel }: { cache: string; parallel: number },
): Promise<Map<string, JudgedNode>> {
  const file = join(folder, 'nodes.yaml');
  writeFileSync(file, nodes.map((node) => `${node}: {group: g}\n`).join(''));
  const all = await loadNodes(file, [], () => undefined);
  const outputs = { out: join(folder, 'plan.json'), reports: join(folder, 'reports') };
  const flags = {
    ...outputs,
    puppet: undefined,
    cache: join(folder, cache),
    parallel,
    'compile-timeout': 120_000,
  };
  const deps = await compileDeps(flags, { say: () => undefined, signal: new AbortController().signal });
  const revision = {
    nodes: all,
    optional: optionalKeys(all),
    manifests,
    template: join(root, 'templates/packer.json.mustache'),
    facts: join(folder, 'facts'),
  };
  const { nodes: some } = await judgeRevision(revision, { ...deps, tag, source: offlineSource });
  return new Map(some.map((one) => [one.node.name, one]));
}

const results = (some: Map<string, JudgedNode>) =>
  names.map((name) => {
    const one = some.get(name);
    return [name, one?.failures, one?.findings, one?.inputs];
  });

test('no module of the corpus is baked a second time, in whatever order, by one or two compilers, with any cache', async () => {
  const manifests = environment('corpus', names, 'modulepath = /usr/share/puppet/modules\n');
  process.env.BAKEHOUSE_DIGEST_KEY = 'the key of the corpus';
  try {
    const first = await judged(manifests, names, { cache: 'one', parallel: 1 });
    for (const [name, { failures, findings, inputs }] of first) {
      expect([name, failures, findings]).toEqual([name, [], []]);
      if (inputs === undefined) throw new Error(`${name} was not judged`);
      const image = {
        id: `ami-${name}`,
        node: name,
        createdMs: 0,
        state: 'available',
        verified: true,
        rejected: false,
      };
      const images = [
        { ...image, digest: digestOf(inputs), inputs: undefined, sourceAmi: undefined, commit: undefined },
      ];
      const pack = { template: '', facts: {} };
      const node = { name, assumePure: false, result: { inputs, pack, findings } };
      expect(decide(node, images, 1, { forced: false })).toMatchObject({ action: 'skip' });
    }
    // With another, a half full and a full cache.
    const half = names.filter((_, index) => index % 2 === 0);
    await judged(manifests, half.toReversed(), { cache: 'two', parallel: 1 });
    expect(results(await judged(manifests, names.toReversed(), { cache: 'two', parallel: 2 }))).toEqual(
      results(first),
    );
    expect(results(await judged(manifests, names, { cache: 'two', parallel: 1 }))).toEqual(results(first));
  } finally {
    delete process.env.BAKEHOUSE_DIGEST_KEY;
  }
}, 300_000);

test('modules that are installed on this computer are not there, unless environment.conf names their folder', async () => {
  for (const conf of ['', 'modulepath = $basemodulepath\n']) {
    const manifests = environment(`without ${conf.length}`, ['stdlib'], conf);
    const found = await judged(manifests, ['stdlib'], { cache: 'three', parallel: 1 });
    expect(found.get('stdlib')?.failures).toMatchObject([
      {
        kind: 'not-compiled',
        problem: { message: expect.stringContaining('Could not find class ::stdlib') },
      },
    ]);
  }
});
