import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

/** The calls that the code makes, from its own imports: a command, a paginator, a waiter. */
function callsOf(source: string): string[] {
  const imported = [...source.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-ec2'/g)].flatMap(
    ([, names = '']) => names.split(',').map((name) => name.trim()),
  );
  return imported.flatMap((name) => {
    const call = /^(\w+)Command$/.exec(name)?.[1] ?? /^paginate(\w+)$/.exec(name)?.[1];
    if (call !== undefined) return [call];
    return name === 'waitUntilInstanceTerminated' ? ['DescribeInstances'] : [];
  });
}

test("the README's IAM policy names each call that the stages make", () => {
  const policy =
    /<!-- iam:begin -->([^]*)<!-- iam:end -->/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
  const granted = new Set([...policy.matchAll(/`ec2:(\w+)`/g)].map(([, action]) => action));
  const called = readdirSync('src/images', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => callsOf(readFileSync(`src/images/${file}`, 'utf8')));
  expect(called.length).toBeGreaterThan(10);
  expect([...new Set(called)].filter((call) => !granted.has(call))).toEqual([]);
});
