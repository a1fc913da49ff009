import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

/** What IAM calls the services, by the end of the SDK's package. */
const prefixes: ReadonlyMap<string, string> = new Map([
  ['ec2', 'ec2'],
  ['auto-scaling', 'autoscaling'],
  ['s3', 's3'],
  ['ssm', 'ssm'],
  ['sts', 'sts'],
]);

/** The calls that a file makes, by what it takes of the SDK: a command, a paginator, a waiter. */
function callsOf(source: string): string[] {
  const taken = [...source.matchAll(/const \{([^}]*)\} =\s+sdk\('@aws-sdk\/client-([\w-]+)'/g)];
  return taken.flatMap(([, names = '', client = '']) =>
    names.split(',').flatMap((name) => {
      const prefix = prefixes.get(client) ?? `client-${client}`;
      const call = /^(\w+)Command$/.exec(name.trim())?.[1] ?? /^paginate(\w+)$/.exec(name.trim())?.[1];
      if (call !== undefined) return [`${prefix}:${call}`];
      return name.trim() === 'waitUntilInstanceTerminated' ? ['ec2:DescribeInstances'] : [];
    }),
  );
}

/** The calls of a file and of all that it imports, apart from the one that needs no permission. */
function callsFrom(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const source = readFileSync(file, 'utf8');
  const imported = [...source.matchAll(/(?:from|import\() ?'(\.[^']*)'/g)].flatMap(([, path = '']) =>
    callsFrom(join(dirname(file), path), seen),
  );
  const all = [...new Set([...callsOf(source), ...imported])].sort();
  return all.filter((call) => call !== 'sts:GetCallerIdentity');
}

const page = readFileSync('docs/iam.md', 'utf8');
const table = /<!-- iam:begin -->([^]*)<!-- iam:end -->/.exec(page)?.[1] ?? '';
/** The row of the table that begins with these words. */
const row = (stage: string) => {
  const line = table.split('\n').find((text) => text.startsWith(`| ${stage} |`)) ?? '';
  return [...line.matchAll(/`(\w+:\w+)`/g)].map(([, action = '']) => action);
};

interface Statement {
  Effect: string;
  Action: string[];
  Resource: string | string[];
  Condition?: unknown;
}
const policy = (name: string) => {
  const text = new RegExp(`<!-- policy:${name} -->\\s*\`\`\`json\\n([^]*?)\`\`\``).exec(page)?.[1] ?? '';
  return (JSON.parse(text) as { Statement: Statement[] }).Statement;
};
const isRead = (call: string) => /^\w+:(Describe|Get)/.test(call);

describe("cleanup's policies", () => {
  const calls = callsFrom('src/cleanup/cleanup-account.ts');

  test('let a plan make just the calls that it makes', () => {
    expect(calls.filter(isRead).length).toBeGreaterThan(10);
    expect(policy('plan').flatMap(({ Action }) => Action)).toEqual(calls.filter(isRead));
  });

  test('let apply make just the others besides, and only with what a bake tagged', () => {
    const statements = policy('apply');
    const granted = statements.flatMap(({ Action }) => Action).sort();
    expect(granted).toEqual(calls.filter((call) => !isRead(call)));
    for (const { Condition } of statements) {
      expect(Condition).toEqual({ Null: { 'aws:ResourceTag/bakehouse:node': 'false' } });
    }
  });
});

describe("promote's policies", () => {
  const calls = callsFrom('src/promote/promote-account.ts');
  const actions = (...names: string[]) => names.flatMap(policy).flatMap(({ Action }) => Action);

  test('let a promote without --apply make just the calls that it makes', () => {
    expect(actions('promote')).toEqual(calls.filter(isRead));
  });

  test('let --apply make just the others besides', () => {
    expect(actions('promote-apply').sort()).toEqual(calls.filter((call) => !isRead(call)));
    expect(calls.filter((call) => !isRead(call)).length).toBeGreaterThan(7);
  });

  test('let it change by name or by tag only, but for what it makes itself', () => {
    for (const { Action, Resource, Condition } of policy('promote-apply')) {
      const isTagged = { Null: { 'aws:ResourceTag/bakehouse:node': 'false' } };
      if (Resource === '*') expect({ Action, Condition }).toEqual({ Action, Condition: isTagged });
      else expect(String(Resource)).toMatch(/^arn:aws:(ec2:\*:(\*)?:(image|launch-template)|ssm:\*:\*:parameter\/bakehouse)\//);
    }
    // AWS services make grants for their own use only.
    expect(actions('promote-kms')).toContain('kms:CreateGrant');
  }); // prettier-ignore

  test("let --revoke make just the calls that it makes, with cleanup's first policy", () => {
    const granted = [...new Set(actions('promote', 'promote-apply', 'plan'))].sort();
    expect(granted).toEqual(
      [...new Set([...callsFrom('src/promote/revoke.ts'), ...callsFrom('src/cleanup/cleanup-account.ts').filter(isRead)])].sort(),
    );
  }); // prettier-ignore
});

test('verify: the row names just the calls that verify makes to tag an image and its copies', () => {
  expect(row('verify').sort()).toEqual(['ec2:CreateTags', 'ec2:DeleteTags', 'ec2:DescribeImages']);
  expect(callsFrom('src/verify/verify-account.ts')).toEqual(expect.arrayContaining(row('verify')));
});

test('cleanup --leaks: the row names just the calls that it makes', () => {
  const granted = [
    ...new Set([...row('cleanup --leaks'), ...policy('plan').flatMap(({ Action }) => Action)]),
  ].sort();
  expect(granted).toEqual(callsFrom('src/cleanup/clean-up-leftovers.ts'));
});

test("status's policy lets it make just the calls that it makes, and they only read", () => {
  const calls = callsFrom('src/overview/overview-account.ts');
  expect(calls.length).toBeGreaterThan(15);
  expect(policy('status').flatMap(({ Action }) => Action)).toEqual(calls);
  expect(calls.filter((call) => !isRead(call))).toEqual([]);
});

test("an archive in S3: the row and the policy name just the archive's calls", () => {
  const calls = callsFrom('src/contents/bucket-calls.ts');
  expect(row('with `--archive s3://…`')).toEqual(calls);
  // To tell a file that is not there from a denied one.
  expect(policy('archive').flatMap(({ Action }) => Action)).toEqual([...calls, 's3:ListBucket']);
});

test('doctor: the row names just the calls that it makes', () => {
  expect(row('doctor').sort()).toEqual(callsFrom('src/doctor/account-calls.ts'));
});

test('the table and the policies together name each call that the stages make', () => {
  const called = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('local-cloud/'))
    .flatMap((file) => callsOf(readFileSync(join('src', file), 'utf8')));
  const granted = [
    ...[...table.matchAll(/`(\w+:\w+)`/g)].map(([, action = '']) => action),
    ...['plan', 'apply', 'promote', 'promote-apply'].flatMap(policy).flatMap(({ Action }) => Action),
    'sts:GetCallerIdentity',
  ];
  expect(called.length).toBeGreaterThan(20);
  expect([...new Set(called)].filter((call) => !granted.includes(call))).toEqual([]);
});
