import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { registry } from '../../src/local-cloud/registry.ts';

const here = new URL('../../src/local-cloud/', import.meta.url);
const names = Object.entries(registry).flatMap(([service, actions]) =>
  Object.keys(actions).map((name) => `${service} ${name}`),
);

test('the table of docs/local-cloud.md names exactly the actions that the cloud answers', () => {
  const page = readFileSync('docs/local-cloud.md', 'utf8');
  const rows = [...page.matchAll(/^\|\s*(ec2|sts|autoscaling|ssm|s3)\s*\|\s*`(\w+)`\s*\|/gm)].map(
    ([, service, name]) => `${service ?? ''} ${name ?? ''}`,
  );
  expect(rows).toEqual(names);
});

test('each action has a file of its name, and each file is an action', () => {
  const files = readdirSync(new URL('actions', here)).map((file) =>
    file.replace('.ts', '').replaceAll('-', ''),
  );
  expect(files.sort()).toEqual(names.map((name) => (name.split(' ')[1] ?? '').toLowerCase()).sort());
});

test('what may be called with the read-only key is what AWS calls Describe, Get, Head and List', () => {
  const reads = Object.values(registry).flatMap((actions) =>
    Object.entries(actions).flatMap(([name, { writes }]) => (writes ? [] : name)),
  );
  expect(reads).toEqual(
    names.map((name) => name.split(' ')[1]).filter((name) => /^(?:Describe|Get|Head|List)/.test(name ?? '')),
  );
});
