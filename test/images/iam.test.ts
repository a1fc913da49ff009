import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

/** What IAM calls the services, by the end of the SDK's package. */
const prefixes: ReadonlyMap<string, string> = new Map([
  ['ec2', 'ec2'],
  ['auto-scaling', 'autoscaling'],
  ['ssm', 'ssm'],
  ['sts', 'sts'],
]);

/** The calls that the code makes, from its own imports: a command, a paginator, a waiter. */
function callsOf(source: string): string[] {
  const imports = [...source.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([\w-]+)'/g)];
  return imports.flatMap(([, names = '', client = '']) =>
    names.split(',').flatMap((name) => {
      const prefix = prefixes.get(client) ?? `client-${client}`;
      const call = /^(\w+)Command$/.exec(name.trim())?.[1] ?? /^paginate(\w+)$/.exec(name.trim())?.[1];
      if (call !== undefined) return [`${prefix}:${call}`];
      return name.trim() === 'waitUntilInstanceTerminated' ? ['ec2:DescribeInstances'] : [];
    }),
  );
}

test("the README's IAM policy names each call that the stages make", () => {
  const policy =
    /<!-- iam:begin -->([^]*)<!-- iam:end -->/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
  const granted = new Set([...policy.matchAll(/`(\w+:\w+)`/g)].map(([, action]) => action));
  const called = readdirSync('src/images', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => callsOf(readFileSync(`src/images/${file}`, 'utf8')));
  for (const prefix of prefixes.values()) {
    expect(called.filter((call) => call.startsWith(`${prefix}:`))).not.toEqual([]);
  }
  expect([...new Set(called)].filter((call) => !granted.has(call))).toEqual([]);
});
