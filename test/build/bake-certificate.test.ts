import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Node } from '../../src/nodes/node.ts';
import { parseNodes } from '../../src/nodes/parse-nodes.ts';
import { bakeNode } from '../../src/build/bake-node.ts';
import type { PackerRun } from '../../src/build/packer-process.ts';
import { ReportsFolder } from '../../src/build/reports-folder.ts';
import { artifact, instance, runOf, depsOf } from './bake-deps.ts';

let reports = '';
beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'bake node '));
});
afterEach(() => {
  rmSync(reports, { recursive: true });
});

const folder = () => new ReportsFolder(reports, 'redis');

describe('a bake against a Puppet server', () => {
  const [node] = parseNodes('redis: {group: redis, puppet_server: puppet}').nodes as [Node];
  // By sha256sum: printf run-1 | sha256sum
  const certname = 'redis-4e65d3fbe8.bake';
  const withConsole = (code: number) => (run: PackerRun) => {
    const known = `Error: The certificate for 'CN=${certname}' does not match its private key\n`;
    const console = `${code === 2 ? '' : known}bakehouse: puppet exit code ${code}\n`;
    writeFileSync(join(reports, 'redis/puppet-console.log'), console);
    for (const line of [instance, artifact]) run.onLine(line);
    return Promise.resolve({ exitCode: code === 2 ? 0 : 1, killed: false });
  };

  test.each<[string, number | undefined, string]>([
    ['that ends well', 0, 'baked'],
    ['that fails', 1, 'failed'],
    ['whose Packer dies', undefined, 'failed'],
  ])('%s has a certificate of its own, and cleans it', async (_, exitCode, status) => {
    const { deps, done, runs } = depsOf([artifact], exitCode);
    const { record } = await bakeNode(node, runOf(), folder(), deps);
    expect(record).toMatchObject({ status, certname, puppetServer: 'puppet', certificateCleaned: true });
    expect(runs[0]?.args).toContain(`certname=${certname}`);
    expect(done).toContain(`clean ${certname} on puppet`);
  });

  test('cleans it also when the cloud fails right after Packer', async () => {
    const { deps, done } = depsOf([artifact], 0, {
      account: { requireImdsV2OfServers: () => Promise.reject(new Error('away')) },
    });
    await bakeNode(node, runOf(), folder(), deps);
    expect(done).toContain(`clean ${certname} on puppet`);
  });

  test('says what could not be cleaned, and is good all the same', async () => {
    const said: string[] = [];
    const { deps } = depsOf([artifact], 0, {
      cleanCertificate: () => Promise.resolve('HTTP 403'),
      progress: { say: (_, line) => said.push(line) },
    });
    const { record } = await bakeNode(node, runOf(), folder(), deps);
    expect(record).toMatchObject({
      status: 'baked',
      certificateCleaned: false,
      leftovers: [`certificate ${certname} on puppet (HTTP 403)`],
    });
    expect(said).toEqual([expect.stringContaining('warning: not cleaned')]);
  });

  test('whose name was signed before cleans it and tries once more', async () => {
    const codes = [1, 2];
    const { deps, done } = depsOf([], 0, {
      runPacker: (run) => withConsole(codes.shift() ?? 9)(run),
    });
    const { record } = await bakeNode(node, runOf(), folder(), deps);
    expect(record).toMatchObject({ status: 'baked', imageId: 'ami-0a' });
    expect(record).not.toHaveProperty('error');
    expect(record).not.toHaveProperty('puppetFailure');
    const cleaned = `clean ${certname} on puppet`;
    expect(done.slice(0, 6)).toEqual(['v2 i-0a', cleaned, 'remove run-1 redis-1767323045', 'v2 i-0a', 'v2 servers of ami-0a', cleaned]); // prettier-ignore
  });

  test('whose image name another bake took in the same second tries once more, under another name', async () => {
    let second = 0;
    const names: string[] = [];
    const { deps } = depsOf([], 1, {
      now: () => new Date(Date.UTC(2026, 0, 2) + 1000 * (second += 1)),
      runPacker: (run) => {
        names.push(run.args.find((argument) => argument.startsWith('time=')) ?? '');
        const taken = names.length === 1;
        const duplicate =
          '1,amazon-ebs,error,Error creating AMI: InvalidAMIName.Duplicate: AMI name redis-1 is in use';
        run.onLine(taken ? duplicate : artifact);
        return Promise.resolve({ exitCode: taken ? 1 : 0, killed: false });
      },
    });
    const { record } = await bakeNode(node, runOf(), folder(), deps);
    expect(record).toMatchObject({
      status: 'baked',
      imageName: `redis-${names[1]?.slice('time='.length) ?? ''}`,
    });
    expect(new Set(names).size).toBe(2);
  });

  test('tries only once more', async () => {
    const { deps } = depsOf([], 1, { runPacker: withConsole(1) });
    const { record } = await bakeNode(node, runOf(), folder(), deps);
    expect(record).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/has signed .* before, for another key/),
      puppetFailure: 'certificate-known',
    });
  });

  test('does not try again where the certificate cannot be cleaned', async () => {
    let tries = 0;
    const { deps } = depsOf([], 1, {
      runPacker: (run) => {
        tries += 1;
        return withConsole(1)(run);
      },
      cleanCertificate: () => Promise.resolve('denied'),
    });
    await bakeNode(node, runOf(), folder(), deps);
    expect(tries).toBe(1);
  });

  test('waits for its certificate as long as --certificate-wait says', async () => {
    const { deps, runs } = depsOf([artifact], 0);
    await bakeNode(node, runOf({ certificateWaitMs: 90_000 }), folder(), deps);
    expect(runs[0]?.args).toContain('certificate_wait=90');
  });
});
