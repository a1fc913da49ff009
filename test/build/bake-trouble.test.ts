import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Node } from '../../src/nodes/node.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { bakeNode } from '../../src/build/bake-node.ts';
import { bakeResult } from '../../src/build/build.ts';
import type { PackerRun } from '../../src/build/packer-process.ts';
import { ReportsFolder } from '../../src/build/reports-folder.ts';
import { testAsRoot } from '../as-root.ts';
import { root } from '../cli/stage-process.ts';
import { artifact, runOf, depsOf } from './bake-deps.ts';

/** Bakes that something outside of them ends: the cloud, a full disk, a signal, Packer itself. */

let reports = '';
beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'bake trouble '));
});
afterEach(() => {
  spawnSync('umount', ['-q', join(reports, 'redis')]);
  rmSync(reports, { recursive: true });
});

const [redis] = parseNodes('redis: {group: redis}').nodes as [Node];
const folder = () => new ReportsFolder(reports, 'redis');
/** A Packer that prints lines and goes on until it is asked to end. */
const until =
  (lines: string[], exitCode = 1) =>
  async (run: PackerRun) => {
    for (const line of lines) run.onLine(line);
    if (!run.signal.aborted) {
      await new Promise((resolve) => {
        run.signal.addEventListener('abort', resolve);
      });
    }
    return { exitCode, killed: false };
  };

test('a cloud without capacity gives exit code 4, so that Jenkins may try again', async () => {
  const { deps } = depsOf(['1,amazon-ebs,error,Error launching source instance: InsufficientInstanceCapacity: x'], 1);
  const end = await bakeNode(redis, runOf(), folder(), deps);
  expect(end).toMatchObject({ unavailable: true, record: { status: 'failed' } });
  expect(bakeResult([end]).exitCode).toBe(4);
}); // prettier-ignore

test('build says of nodes that were baked without a plan that the next plan bakes them again', async () => {
  const end = await bakeNode(redis, runOf(), folder(), depsOf([artifact], 0).deps);
  expect(bakeResult([end]).closing.join('\n')).toContain('the next plan bakes redis again');
  const planned = new Map([['redis', { digest: 'a'.repeat(64), inputs: 'x' }]]);
  const byPlan = await bakeNode(redis, runOf({ planned }), folder(), depsOf([artifact], 0).deps);
  expect([end, byPlan].map(({ record }) => record.status)).toEqual(['baked', 'baked']);
  expect(bakeResult([byPlan]).closing).toEqual([]);
});

test('a Puppet run that failed is the reason, whatever Packer said, and no reason to try again', async () => {
  const { deps } = depsOf(['1,amazon-ebs,error,Error launching: InsufficientInstanceCapacity: x'], 1);
  const failure =
    'Error: /Stage[main]/Main/Exec[x]/returns: change from notrun to 0 failed: InsufficientInstanceCapacity\n';
  const runPacker = (run: PackerRun) => {
    writeFileSync(
      join(reports, 'redis/puppet-console.log'),
      `Info: Applying configuration version '1'\n${failure}bakehouse: puppet exit code 6\n`,
    );
    return deps.runPacker(run);
  };
  const end = await bakeNode(redis, runOf(), folder(), { ...deps, runPacker });
  expect(end).toMatchObject({
    unavailable: false,
    record: { error: 'Exec[x] failed: InsufficientInstanceCapacity' },
  });
  expect(end.record).not.toHaveProperty('puppetFailure');
  expect(bakeResult([end]).exitCode).toBe(3);
});

describe('a disk that fills up under the reports', () => {
  /** `reports/redis` on a disk of its own. */
  function smallDisk(megabytes: number): void {
    mkdirSync(join(reports, 'redis'));
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', join(reports, 'redis')]);
    expect(status).toBe(0);
  } // prettier-ignore
  const fill = () => spawnSync('dd', ['if=/dev/zero', `of=${join(reports, 'redis/fill')}`, 'bs=16k']);

  testAsRoot(
    'during a bake ends it at once, with exit code 4 and the cause; what it left is removed',
    async () => {
      smallDisk(4);
      const phases: string[] = [];
      const { deps, done } = depsOf([], 1, { progress: { phase: (_, phase) => phases.push(phase) } });
      const packer = until([]);
      const runPacker = async (run: PackerRun) => {
        fill();
        const end = await packer(run);
        // What was kept back has been given free, so Packer can say how it cleans up.
        writeFileSync(run.rawLog, 'x'.repeat(10_000));
        expect(run.graceMs()).toBeLessThanOrEqual(30_000);
        return end;
      };
      const end = await bakeNode(redis, runOf({ graceMs: 180_000 }), folder(), { ...deps, runPacker });
      expect(end).toMatchObject({ unavailable: true, record: { status: 'failed' } });
      expect(end.record.error).toContain("this computer's disk is full");
      expect(phases.at(-1)).toMatch(/^the disk is full: waiting up to 30 s /);
      expect(done).toEqual(['remove run-1 redis-1767323045']);
      expect(bakeResult([end]).exitCode).toBe(4);
    },
  );

  testAsRoot('before a bake lets none begin', async () => {
    smallDisk(1);
    const { deps, runs } = depsOf([artifact], 0);
    const end = await bakeNode(redis, runOf(), folder(), deps);
    expect(end).toMatchObject({ unavailable: true, record: { status: 'failed' } });
    expect(runs).toEqual([]);
  });

  testAsRoot('at its very end leaves no image that passes for a recorded one', async () => {
    smallDisk(4);
    const { deps } = depsOf([artifact], 0);
    // Files of a page each: what is given back when the bake ends is taken by somebody else.
    const requireImdsV2OfServers = async () => {
      rmSync(join(reports, 'redis/.work'), { recursive: true });
      fill();
      await sleep(0);
    };
    const end = await bakeNode(redis, runOf(), folder(), { ...deps, account: { ...deps.account, requireImdsV2OfServers } });
    expect(end).toMatchObject({ unavailable: true, record: { status: 'failed', imageId: 'ami-0a' } });
    expect(end.record.error).toMatch(/^ami-0a was baked, but .*bake\.json cannot be written \(ENOSPC\)/);
    expect(JSON.parse(readFileSync(join(reports, 'redis/bake.json'), 'utf8'))).toMatchObject({ status: 'running' });
  }); // prettier-ignore

  test('is not taken for a bug where the folder is not one', async () => {
    writeFileSync(join(reports, 'redis'), '');
    const end = await bakeNode(redis, runOf(), folder(), depsOf([], 0).deps);
    expect(end).toMatchObject({ unavailable: false, record: { error: expect.stringContaining('cannot be written') } });
  }); // prettier-ignore
});

describe('an interruption', () => {
  test('is answered at once, while Packer still cleans up', async () => {
    const phases: string[] = [];
    const stop = new AbortController();
    const { deps } = depsOf([], 1, { progress: { phase: (_, phase) => phases.push(phase) } });
    const runPacker = async (run: PackerRun) => {
      stop.abort('SIGINT');
      expect(phases.at(-1)).toBe('interrupted: waiting up to 180 s for Packer to terminate its machine');
      return until([])(run);
    };
    const run = runOf({ signal: stop.signal, graceMs: 180_000 });
    const { record } = await bakeNode(redis, run, folder(), { ...deps, runPacker });
    expect(record).toMatchObject({ status: 'interrupted', error: 'interrupted' });
  });

  test('is answered at once before Packer runs, too', async () => {
    const phases: string[] = [];
    const stop = new AbortController();
    const { deps } = depsOf([], 1, { progress: { phase: (_, phase) => phases.push(phase) } });
    const preflight = () => {
      stop.abort('SIGINT');
      expect(phases.at(-1)).toBe('interrupted: ending');
      return Promise.resolve({ vpc: 'vpc-1' });
    };
    await bakeNode(redis, runOf({ signal: stop.signal }), folder(), {
      ...deps,
      account: { ...deps.account, preflight },
    });
    expect(phases.at(-1)).toBe('interrupted: ending');
  });

  test('that Packer crashes of is reported so, and its crash.log goes to the reports, not to the person\'s folder', async () => {
    const crash = readFileSync(join(root, 'test/build/fixtures/crash-waiting.txt'), 'utf8').split('\n');
    const stop = new AbortController();
    const { deps, done } = depsOf([], 1);
    const here = join(process.cwd(), 'crash.log');
    expect(existsSync(here)).toBe(false);
    const runPacker = (run: PackerRun) => {
      writeFileSync(here, 'goroutine 1');
      stop.abort('SIGINT');
      return until(crash)(run);
    };
    const { record } = await bakeNode(redis, runOf({ signal: stop.signal }), folder(), { ...deps, runPacker });
    expect(record.status).toBe('interrupted');
    expect(record.error).toContain('Packer crashed');
    expect(done.at(-1)).toBe('remove run-1 redis-1767323045');
    expect(existsSync(here)).toBe(false);
    const kept = join(reports, 'redis/crash.log');
    expect(readFileSync(kept, 'utf8')).toBe('goroutine 1');
    expect(statSync(kept).mode & 0o777).toBe(0o600);
  }); // prettier-ignore

  test('takes no crash.log that was there before', async () => {
    const from = mkdtempSync(join(reports, 'from-'));
    writeFileSync(join(from, 'crash.log'), 'old');
    utimesSync(join(from, 'crash.log'), 1, 1);
    await folder().begin();
    await folder().keepCrashLog(from, new Date());
    expect(existsSync(join(from, 'crash.log'))).toBe(true);
    expect(existsSync(join(reports, 'redis/crash.log'))).toBe(false);
  });
});
