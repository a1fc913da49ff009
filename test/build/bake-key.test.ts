import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { StageError } from '../../src/lib/errors.ts';
import type { Node } from '../../src/nodes/node.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { bakeNode } from '../../src/build/bake-node.ts';
import { ReportsFolder } from '../../src/build/reports-folder.ts';
import { artifact, runOf, depsOf } from './bake-deps.ts';

let reports = '';
beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'a bake '));
});
afterEach(() => {
  rmSync(reports, { recursive: true });
});

const [redis] = parseNodes('redis: {group: redis}').nodes as [Node];
const folder = () => new ReportsFolder(reports, 'redis');

describe('a bake', () => {
  const ownKey =
    '{"builders": [{"ssh_keypair_name": "{{user `keypair`}}", "ssh_private_key_file": "{{user `key_file`}}"}]}';

  test.each([
    ['ends well', 0, ['remove run-1 redis-1767323045 but ami-0a']],
    ['fails', 1, ['remove run-1 redis-1767323045']],
  ])('that %s has a key pair of its own for as long as Packer runs', async (_, exitCode, then) => {
    writeFileSync(join(reports, 'redis.json'), ownKey);
    const { deps, done, runs } = depsOf([artifact], exitCode, {
      account: { requireImdsV2OfServers: () => Promise.resolve() },
    });
    await bakeNode(redis, runOf({ packs: reports }), folder(), deps);
    expect(done).toEqual(['key of redis in run-1 until 2026-01-02T03:05:07.678Z', 'delete a key', ...then]);
    expect(runs[0]?.args).toContain('keypair=a key');
    expect(runs[0]?.args).toContain(`key_file=${join(reports, 'redis/.work/key.pem')}`);
  });

  test('leaves the key to Packer where the pack has one of its own', async () => {
    writeFileSync(join(reports, 'redis.json'), '{"builders": [{"ssh_keypair_name": "mine"}]}');
    const { deps, done, runs } = depsOf([artifact], 0);
    await bakeNode(redis, runOf({ packs: reports }), folder(), deps);
    expect(done).toEqual(['v2 servers of ami-0a', 'remove run-1 redis-1767323045 but ami-0a']);
    expect(runs[0]?.args.join()).not.toContain('key');
  });

  test('does not run Packer when its key pair cannot be made', async () => {
    writeFileSync(join(reports, 'redis.json'), ownKey);
    const away = new StageError('denied', 4);
    const { deps, runs } = depsOf([artifact], 0, { account: { importKey: () => Promise.reject(away) } });
    const end = await bakeNode(redis, runOf({ packs: reports }), folder(), deps);
    expect(end).toMatchObject({ record: { status: 'failed', error: 'denied' }, unavailable: true });
    expect(runs).toEqual([]);
  });

  test('succeeds with a warning when its key pair cannot be deleted', async () => {
    writeFileSync(join(reports, 'redis.json'), ownKey);
    const said: string[] = [];
    const { deps } = depsOf([artifact], 0, {
      account: { deleteKey: () => Promise.reject(new Error('denied')) },
      progress: { say: (_, line) => said.push(line) },
    });
    const { record } = await bakeNode(redis, runOf({ packs: reports }), folder(), deps);
    expect(record.status).toBe('baked');
    expect(said).toEqual(['warning: key pair a key could not be deleted: denied']);
  });
});
