import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCallLog } from '../../../src/local-cloud/http/call-log.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync('/tmp/call-log-');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const call = {
  service: 'ec2',
  region: 'us-east-1',
  action: 'DescribeVpcs',
  status: 200,
  code: undefined,
  ms: 3,
} as const;
const silent = () => {
  throw new Error('nothing to warn of');
};

test('the log of calls is written if its file is there', () => {
  const file = join(folder, 'calls.log');
  expect(openCallLog(file, silent)).toBeUndefined();
  expect(existsSync(file)).toBe(false);
  writeFileSync(file, '');
  const log = openCallLog(file, silent);
  log?.(call);
  log?.({ ...call, status: 503, code: 'RequestLimitExceeded' });
  expect(readFileSync(file, 'utf8')).toBe(
    '{"service":"ec2","region":"us-east-1","action":"DescribeVpcs","status":200,"ms":3}\n' +
      '{"service":"ec2","region":"us-east-1","action":"DescribeVpcs","status":503,"code":"RequestLimitExceeded","ms":3}\n',
  );
});

test('a log that cannot be written is a warning, and no failed call', () => {
  const warnings: string[] = [];
  const file = join(folder, 'calls.log');
  writeFileSync(file, '');
  const log = openCallLog(file, (line) => warnings.push(line));
  rmSync(folder, { recursive: true });
  log?.(call);
  expect(warnings).toEqual([expect.stringContaining('ENOENT')]);
});
