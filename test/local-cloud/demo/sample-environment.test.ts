import { existsSync, mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { copyEnvironment } from '../../../src/local-cloud/demo/sample-environment.ts';

test('a copy that is changed leaves the original alone, keeps what was there, and goes without a trace', async () => {
  const data = (folder: string, node: string) =>
    readFileSync(join(folder, `data/nodes/${node}.yaml`), 'utf8');
  const original = data('templates/environment', 'redis');
  const copy = copyEnvironment(
    'templates/environment',
    join(mkdtempSync(join(tmpdir(), 'bakehouse-test-')), 'copy'),
  );
  expect(copy.change('redis')).toEqual({
    file: 'data/nodes/redis.yaml',
    line: 'base::contact: the people of redis',
  });
  copy.change('web');
  expect(data(copy.folder, 'redis')).toBe(`${original}base::contact: the people of redis\n`);
  expect(data(copy.folder, 'web')).toBe('base::contact: the people of web\n');
  expect(data('templates/environment', 'redis')).toBe(original);
  const log = await execa('git', ['-C', copy.folder, 'log', '--format=%s']);
  expect(log.stdout.split('\n')).toEqual([
    'Another contact for web',
    'Another contact for redis',
    'As it was',
  ]);
  copy.remove();
  expect(existsSync(copy.folder)).toBe(false);
  rmdirSync(dirname(copy.folder));
});
