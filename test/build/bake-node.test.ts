import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { StageError } from '../../src/lib/errors.ts';
import type { Node } from '../../src/nodes/node.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { bakeNode } from '../../src/build/bake-node.ts';
import { ReportsFolder } from '../../src/build/reports-folder.ts';
import { ownProcess } from '../../src/build/start-run.ts';
import { artifact, instance, runOf, depsOf } from './bake-deps.ts';

let reports = '';
beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'bake node '));
});
afterEach(() => {
  rmSync(reports, { recursive: true });
});

const [redis] = parseNodes('redis: {group: redis}').nodes as [Node];
const folder = () => new ReportsFolder(reports, 'redis');
const written = () =>
  JSON.parse(readFileSync(join(reports, 'redis/bake.json'), 'utf8')) as Record<string, unknown>;

describe('a bake', () => {
  test('that ends well records its image, and its leftovers are removed', async () => {
    const { deps, done, runs } = depsOf([instance, artifact], 0);
    const { record } = await bakeNode(redis, runOf(), folder(), deps);
    expect(record).toMatchObject({
      status: 'baked',
      imageId: 'ami-0a',
      imageName: 'redis-1767323045',
      packerExitCode: 0,
    });
    expect(written()).toEqual(JSON.parse(JSON.stringify(record)));
    expect(done).toEqual(['v2 i-0a', 'v2 servers of ami-0a', 'remove run-1 redis-1767323045 but ami-0a']);
    expect(runs[0]?.args).toContain('time=1767323045');
    expect(runs[0]?.args).toContain(`manifests=${join(process.cwd(), 'a folder')}`);
    expect(existsSync(join(reports, 'redis/.work'))).toBe(false);
  });

  test('by a plan gives Packer its tags, and records the digest; without one there is neither', async () => {
    const { deps, runs } = depsOf([instance, artifact], 0);
    const planned = new Map([['redis', { digest: 'abc', inputs: 'catalog=1 source=ami-1' }]]);
    const { record } = await bakeNode(redis, runOf({ planned }), folder(), deps);
    expect(record.digest).toBe('abc');
    expect(written()).toMatchObject({ digest: 'abc' });
    expect(runs[0]?.args).toEqual(expect.arrayContaining(['digest=abc', 'inputs=catalog=1 source=ami-1']));
    const other = await bakeNode(redis, runOf(), folder(), deps);
    expect(other.record).not.toHaveProperty('digest');
    expect(runs[1]?.args.join(' ')).not.toMatch(/digest=|inputs=/);
  });

  test('asks the instance for IMDSv2 only where the pack could not', async () => {
    const { deps, done } = depsOf([instance, artifact], 0);
    await bakeNode(redis, runOf({ packerVersion: '1.7.0' }), folder(), deps);
    expect(done).not.toContain('v2 i-0a');
  });

  test.each<[string, string[], number | undefined, string]>([
    ['Packer fails', ['1,amazon-ebs,error,no such thing'], 1, 'no such thing'],
    ['Packer ends well without an artifact', [], 0, 'Packer named no image'],
    ['Packer dies of a signal', [artifact], undefined, 'without saying why'],
  ])('has failed when %s, and its leftovers are removed', async (_, lines, exitCode, error) => {
    const { deps, done } = depsOf(lines, exitCode);
    const { record, unavailable } = await bakeNode(redis, runOf(), folder(), deps);
    expect(record).toMatchObject({ status: 'failed', error: expect.stringContaining(error) });
    expect(record.imageId).toBeUndefined();
    expect(unavailable).toBe(false);
    expect(done).toEqual(['remove run-1 redis-1767323045']);
  });

  test('does not begin when the account lacks something, and changes nothing then', async () => {
    const { deps, done, runs } = depsOf([artifact], 0, {
      account: { preflight: () => Promise.reject(new Error("there is no security group named 'packer'")) },
    });
    const { record } = await bakeNode(redis, runOf(), folder(), deps);
    expect(record).toMatchObject({ status: 'failed', error: expect.stringContaining('packer') });
    expect([done, runs]).toEqual([[], []]);
  });

  test('that fails because the cloud is not available says so', async () => {
    const away = new StageError('refused', 4);
    const { deps } = depsOf([], 0, { account: { preflight: () => Promise.reject(away) } });
    expect(await bakeNode(redis, runOf(), folder(), deps)).toMatchObject({ unavailable: true });
  });

  test('that takes too long is ended, and its leftovers are removed', async () => {
    const { deps, done } = depsOf([], undefined, {
      runPacker: (run) =>
        new Promise((resolve) => {
          run.signal.addEventListener('abort', () => {
            resolve({ exitCode: 1, killed: true });
          });
        }),
    });
    const { record } = await bakeNode(redis, runOf({ timeoutMs: 30 }), folder(), deps);
    expect(record).toMatchObject({ status: 'timed-out', error: expect.stringContaining('was killed') });
    expect(done).toEqual(['remove run-1 redis-1767323045']);
  });

  test('that is interrupted before it began starts nothing', async () => {
    const { deps, runs } = depsOf([artifact], 0);
    const { record } = await bakeNode(redis, runOf({ signal: AbortSignal.abort('SIGTERM') }), folder(), deps);
    expect(record.status).toBe('interrupted');
    expect(runs).toEqual([]);
  });

  test('that ends while it asks for an instance waits until EC2 lists that, then removes its leftovers', async () => {
    const { deps, done } = depsOf(
      ['1,amazon-ebs,ui,say,==> amazon-ebs: Launching a source AWS instance...'],
      1,
    );
    await bakeNode(redis, runOf(), folder(), deps);
    expect(done).toEqual(['pause', 'remove run-1 redis-1767323045']);
  });

  test('keeps its image when the signal comes after Packer has ended well', async () => {
    const late = new AbortController();
    const { deps } = depsOf([], 0, {
      runPacker: (run) => {
        run.onLine(artifact);
        late.abort('SIGTERM');
        return Promise.resolve({ exitCode: 0, killed: false });
      },
    });
    const { record } = await bakeNode(redis, runOf({ signal: late.signal }), folder(), deps);
    expect(record).toMatchObject({ status: 'baked', imageId: 'ami-0a' });
  });

  test('records the user that its pack logs in as', async () => {
    writeFileSync(join(reports, 'redis.json'), '{"builders": [{"ssh_username": "ubuntu"}]}');
    const { deps } = depsOf([artifact], 0);
    const { record } = await bakeNode(redis, runOf({ packs: reports }), folder(), deps);
    expect(record.sshUser).toBe('ubuntu');
    expect(record).not.toHaveProperty('keptVolumes');
  });

  test('records which volumes its pack leaves behind on purpose', async () => {
    const mappings = [{ device_name: '/dev/sdf', delete_on_termination: false }];
    const pack = { builders: [{ launch_block_device_mappings: mappings }] };
    writeFileSync(join(reports, 'redis.json'), JSON.stringify(pack));
    const { deps } = depsOf([artifact], 0);
    await bakeNode(redis, runOf({ packs: reports }), folder(), deps);
    expect(written()).toMatchObject({ keptVolumes: ['/dev/sdf'] });
  });

  test('records what could not be removed', async () => {
    const { deps } = depsOf([], 1, {
      account: { removeLeftovers: () => Promise.resolve({ removed: [], left: ['i-0a (denied)'] }) },
    });
    const { record } = await bakeNode(redis, runOf(), folder(), deps);
    expect(record.leftovers).toEqual(['i-0a (denied)']);
  });
});

describe('what other runs of the node left', () => {
  const linesOf = async (removeEndedRuns: () => Promise<{ removed: string[]; left: string[] }>) => {
    const said: string[] = [];
    const { deps } = depsOf([artifact], 0, {
      account: { removeEndedRuns },
      progress: { say: (_, line) => said.push(line) },
    });
    const { record } = await bakeNode(redis, runOf(), folder(), deps);
    expect(record).toMatchObject({ status: 'baked', leftovers: [] });
    return said;
  };

  test('is removed before the bake begins, with a line for the user', async () => {
    const calls: object[] = [];
    const { deps } = depsOf([artifact], 0, {
      account: {
        removeEndedRuns: (asked) => {
          calls.push(asked);
          return Promise.resolve({ removed: [], left: [] });
        },
        preflight: () => {
          calls.push({ preflight: true });
          return Promise.resolve({ vpc: 'vpc-1' });
        },
      },
    });
    await bakeNode(redis, runOf(), folder(), deps);
    expect(calls).toMatchObject([{ node: 'redis', run: 'run-1', timeoutMs: 60_000 }, { preflight: true }]);
    expect(
      await linesOf(() => Promise.resolve({ removed: ['i-1', 'vol-1'], left: ['sg-1 (in use)'] })),
    ).toEqual([
      'removed what earlier runs left: i-1, vol-1',
      'warning: left by an earlier run, could not be removed: sg-1 (in use)',
    ]);
  });

  test('fails no bake when EC2 cannot be asked for it', async () => {
    expect(await linesOf(() => Promise.reject(new Error('DescribeVolumes was denied')))).toEqual([
      'warning: what earlier runs left is not known: DescribeVolumes was denied',
    ]);
  });
});

describe('what an earlier bake left', () => {
  const earlier = (over: object) => {
    mkdirSync(join(reports, 'redis'));
    for (const name of ['puppet-report.yaml', 'junit.xml'])
      writeFileSync(join(reports, 'redis', name), 'old');
    const record = {
      schema: 1, node: 'redis', run: 'run-0', status: 'running', imageName: 'redis-7', region: 'us-east-1',
      commit: 'x', startedAt: '2026-01-01T00:00:00Z', process: { host: 'elsewhere', pid: 1, startTicks: 1 },
      packerVersion: '1.6.6', leftovers: [], ...over,
    }; // prettier-ignore
    writeFileSync(join(reports, 'redis/bake.json'), JSON.stringify(record));
  };

  test('is removed when that bake was killed, before the new one begins', async () => {
    earlier({});
    const { deps, done } = depsOf([artifact], 0);
    await bakeNode(redis, runOf(), folder(), deps);
    expect(done.slice(0, 2)).toEqual(['remove run-0 redis-7', 'v2 servers of ami-0a']);
  });

  test('of its certificate, or of the one that its verify asked for by the same name, is cleaned', async () => {
    for (const over of [
      {},
      { status: 'baked', certificateCleaned: false },
      { status: 'baked', certificateCleaned: true },
    ]) {
      rmSync(join(reports, 'redis'), { recursive: true, force: true });
      earlier({ certname: 'redis-0.bake', puppetServer: 'old', ...over });
      const { deps, done } = depsOf([artifact], 0);
      await bakeNode(redis, runOf(), folder(), deps);
      expect(done).toContain('clean redis-0.bake on old');
    }
  });

  test('is removed when it could not be removed then', async () => {
    earlier({ status: 'failed', leftovers: ['i-1'] });
    const { deps, done } = depsOf([artifact], 0);
    await bakeNode(redis, runOf(), folder(), deps);
    expect(done[0]).toBe('remove run-0 redis-7');
  });

  test('is not touched when that bake ended well, but the servers of a verify that was killed go', async () => {
    earlier({ status: 'baked', imageId: 'ami-1' });
    const { deps, done } = depsOf([artifact], 0);
    await bakeNode(redis, runOf(), folder(), deps);
    expect(done.slice(0, 2)).toEqual(['remove servers of run-0', 'v2 servers of ami-0a']);
  });

  test('is removed after a bake that ended well, too, when it could not be removed then; its image stays', async () => {
    earlier({ status: 'baked', imageId: 'ami-1', leftovers: ['vol-1'] });
    const { deps, done } = depsOf([artifact], 0);
    await bakeNode(redis, runOf(), folder(), deps);
    expect(done[0]).toBe('remove run-0 redis-7 but ami-1');
  });

  test('is in the record when EC2 cannot be asked for the servers of a verify', async () => {
    earlier({ status: 'baked', imageId: 'ami-1' });
    const removeServers = () => Promise.reject(new Error('denied'));
    const { deps } = depsOf([artifact], 0, { account: { removeServers } });
    const { record } = await bakeNode(redis, runOf(), folder(), deps);
    expect(record.leftovers).toEqual([
      expect.stringContaining('bakehouse:run=run-0 (EC2 cannot be asked: denied)'),
    ]);
  });

  test('is not touched while that bake still runs, and neither is its folder', async () => {
    earlier({ process: ownProcess() });
    const { deps, done, runs } = depsOf([artifact], 0);
    const { record } = await bakeNode(redis, runOf(), folder(), deps);
    expect(record).toMatchObject({ status: 'failed', error: expect.stringContaining('run run-0') });
    expect([done, runs]).toEqual([[], []]);
    expect(written()).toMatchObject({ run: 'run-0' });
  });

  test('is never taken for the new bake, since old reports are removed at its start', async () => {
    earlier({ status: 'baked', imageId: 'ami-1' });
    const { deps } = depsOf([], 1);
    await bakeNode(redis, runOf(), folder(), deps);
    expect(existsSync(join(reports, 'redis/puppet-report.yaml'))).toBe(false);
    expect(existsSync(join(reports, 'redis/junit.xml'))).toBe(false);
  });
});

test.each([
  ['Notice: x\nbakehouse: puppet exit code 2\n', 2],
  ['bakehouse: puppet exit code 2\nNotice: and more', undefined],
  ['', undefined],
])('the exit code of Puppet in %j is %j', async (text, code) => {
  mkdirSync(join(reports, 'redis'));
  writeFileSync(join(reports, 'redis/puppet-console.log'), text);
  expect(await folder().puppetExitCode()).toBe(code);
});
