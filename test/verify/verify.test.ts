import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parseFlags } from '../../src/cli/flags.ts';
import { verify } from '../../src/verify/verify.ts';
import { verifyCommand } from '../../src/verify.ts';
import { suiteOf } from '../cli/junit-suite.ts';
import { baked, reportText } from './evidence.ts';

let folder: string;
const environment = process.env;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'verify-'));
  // No region, so the account cannot be connected to.
  process.env = { PATH: environment.PATH, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true' };
});

afterEach(() => {
  process.env = environment;
  rmSync(folder, { recursive: true });
});

/** Verifies two bakes, of redis a good one and of web a failed one, in an environment without AWS. */
async function verifyTwo(...more: string[]) {
  const nodes = join(folder, 'nodes.yaml');
  writeFileSync(nodes, 'redis: {group: g, converge: false}\nweb: {group: g, converge: false}\n');
  for (const [node, report, puppetExitCode] of [
    ['redis', 'changed', 2],
    ['web', 'failed', 6],
  ] as const) {
    mkdirSync(join(folder, 'reports', node), { recursive: true });
    const bake = {
      ...{ schema: 1, ...baked, node, puppetExitCode, imageName: `${node}-1`, imageId: `ami-${node}` },
      ...{ region: 'r', commit: 'none', packerVersion: '1', leftovers: [], certname: 'redis.bake' },
      process: { host: 'h', pid: 1, startTicks: 1 },
    };
    writeFileSync(join(folder, 'reports', node, 'bake.json'), JSON.stringify(bake));
    writeFileSync(join(folder, 'reports', node, 'puppet-report.yaml'), reportText(report));
  }
  const argv = ['--nodes', nodes, '--reports', join(folder, 'reports'), ...more];
  const io = { say: () => undefined, signal: new AbortController().signal };
  const result = await verify(parseFlags(verifyCommand.flags, argv), io);
  const suite = (node: string) => suiteOf(readFileSync(join(folder, 'reports', node, 'junit.xml'), 'utf8'));
  const record = (node: string): unknown =>
    JSON.parse(readFileSync(join(folder, 'reports', node, 'verify.json'), 'utf8'));
  return { result, suite, record };
}

test('writes the JUnit file and the record of each node although there is no account', async () => {
  const { result, suite, record } = await verifyTwo();
  expect(result.exitCode).toBe(4);
  expect(result.table.rows.map((row) => row.slice(0, 3))).toEqual([
    ['redis', 'verified, NOT TAGGED', 'ami-redis'],
    ['web', 'rejected', 'ami-web'],
  ]);
  expect(suite('redis')).toMatchObject({ failures: '0', errors: '0' });
  expect(suite('web')).toMatchObject({ failures: '2', errors: '0' });
  expect(record('redis')).toMatchObject({ verified: false, reasons: [expect.stringMatching(/region/)] });
});

test('with --boot shows nothing green where no servers could be launched', async () => {
  const { result, suite, record } = await verifyTwo('--boot');
  expect(result.exitCode).toBe(4);
  expect(result.table.rows[0]?.[1]).toBe('UNDECIDED');
  expect(suite('redis')).toMatchObject({ failures: '0', errors: '1' });
  expect(suite('web')).toMatchObject({ failures: '2', errors: '0' });
  expect(record('redis')).toMatchObject({ verified: false });
});
