import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { execa } from 'execa';
import { join } from 'node:path';
import { acquireLock, LockHeld } from '../../../src/local-cloud/state/lock.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync('/tmp/lock-');
  path = join(folder, 'lock');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('a lock', () => {
  test('has one holder at a time, and says which process that is', async () => {
    const lock = await acquireLock(path);
    await expect(acquireLock(path)).rejects.toThrow(new LockHeld(path, process.pid));
    await lock.release();
    await (await acquireLock(path)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is waited for, and whoever waits is told once', async () => {
    const lock = await acquireLock(path);
    const told: number[] = [];
    const second = acquireLock(path, { waitMs: 5000, onWait: (pid) => told.push(pid) });
    setTimeout(() => void lock.release(), 250);
    await (await second).release();
    expect(told).toEqual([process.pid]);
  });

  test('of a process that was killed can be taken at once', async () => {
    const script = `import { acquireLock } from './src/local-cloud/state/lock.ts';
      await acquireLock(${JSON.stringify(path)}); console.log('held'); setInterval(() => {}, 1000);`;
    const child = execa(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      reject: false,
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await expect(acquireLock(path)).rejects.toThrow(new LockHeld(path, child.pid ?? 0));
    child.kill('SIGKILL');
    await child;
    await (await acquireLock(path)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('goes to exactly one of many that want it at once', async () => {
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => acquireLock(path)));
    const taken = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    expect(taken).toHaveLength(1);
    await taken[0]?.release();
  });
});
