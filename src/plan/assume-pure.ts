import type { Finding } from '../puppet/catalogs/compilation.ts';

/** The findings that a node's `assume_pure` leaves: none of them with `true`, else those that no entry names. */
export function notAssumed(findings: readonly Finding[], assumePure: boolean | readonly string[]): Finding[] {
  if (typeof assumePure === 'boolean') return assumePure ? [] : [...findings];
  return findings.filter((finding) => !assumePure.some((entry) => isNamed(finding, entry)));
}

/** The `assume_pure` that takes these findings for unchanged: `[env STDLIB_X, function nginx::x]`, or `true`. */
export function assumeText(findings: readonly Finding[]): string {
  const entries = findings.map(entryOf);
  if (entries.includes(undefined)) return 'true';
  return `[${[...new Set(entries)].join(', ')}]`;
}

/** What names a finding most narrowly; undefined: no entry does. */
function entryOf({ kind, subject, functions }: Finding): string | undefined {
  if (kind === 'environment-variable' && subject !== undefined) return `env ${subject}`;
  const innermost = functions?.at(-1);
  return innermost === undefined ? undefined : `function ${innermost}`;
}

/** `*` in an entry stands for any characters. */
function isNamed({ kind, subject, functions = [] }: Finding, entry: string): boolean {
  const [what = '', name = ''] = entry.split(' ');
  const pattern = new RegExp(`^${name.replaceAll('*', '.*')}$`);
  if (what === 'function') return functions.some((one) => pattern.test(one));
  return kind === 'environment-variable' && subject !== undefined && pattern.test(subject);
}
