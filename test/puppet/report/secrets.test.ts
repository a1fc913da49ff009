import { describe, expect, test } from '@jest/globals';
import { verdictXml } from '../../../src/verify/verdict-junit.ts';
import { judgeRun } from '../../../src/verify/judge-run.ts';
import { withImageCases } from '../../../src/verify/verdict.ts';
import { redactor } from '../../../src/puppet/report/secrets.ts';
import { verifyResult } from '../../../src/verify/verify-result.ts';
import { baked, evidenceOf } from '../../verify/evidence.ts';
import { reportOfFormat } from '../../verify/report-of-format.ts';

const secret = 'hunter2-hunter2';
/** The report whose failed command is another property, with the secret as its old value and in what was logged. */
function reportWith(property: string, title = 'reload it'): string {
  return reportOfFormat(12)
    .replace('property: returns', `property: ${property}`)
    .replace('previous_value: notrun', `previous_value: ${secret}`)
    .replaceAll('change from notrun to', `change from '${secret}' to`)
    .replaceAll('reload it', title);
}
/** All that verify shows of it anywhere. */
function shown(text: string, patterns: RegExp[] = []): string {
  const bake = { ...baked, puppetExitCode: 6, error: `build failed with ${secret}` };
  const verdict = judgeRun('redis', bake, evidenceOf(text, `Error: no ${secret}`), patterns);
  const { json, table, closing } = verifyResult([{ verdict, tagged: false, leftovers: [] }]);
  return [
    verdictXml(verdict),
    JSON.stringify(verdict),
    JSON.stringify(json),
    JSON.stringify(table),
    ...closing,
  ].join('\n');
}

describe('a secret is shown nowhere', () => {
  test.each([
    ['a property named password', 'password', 'reload it'],
    ['a property named auth_token', 'auth_token', 'reload it'],
    ['the content of a file named for its secret', 'content', '/etc/app/private_key'],
  ])('when it is the value of %s', (_, property, title) => {
    expect(reportWith(property, title)).toContain(secret);
    expect(shown(reportWith(property, title))).not.toContain(secret);
  });

  test('when a pattern finds it', () => {
    expect(shown(reportWith('returns'))).toContain(secret);
    expect(shown(reportWith('returns'), [/hunter\d(-hunter\d)*/gu])).not.toContain('hunter');
  });

  test('when Puppet has redacted it', () => {
    const text = reportWith('returns').replace(/(status: failure[^]*?redacted:)/, '$1 true');
    expect(shown(text)).not.toContain(secret);
    expect(shown(text)).toContain('returns: [redacted]: ');
  });

  test('when a server of the image printed it', () => {
    const verdict = judgeRun('redis', baked, evidenceOf(reportOfFormat(12)));
    const cases = [{ name: 'boots', problems: [`console: password=${secret} and pin 1234`] }];
    expect(withImageCases(verdict, cases, [/1234/gu]).imageCases?.[0]?.problems).toEqual([
      'console: password=[secret] and pin [secret]',
    ]);
  });
});

test('the mode or owner of a file is no secret, whatever its name', () => {
  expect(shown(reportWith('mode', '/etc/app/token'))).toContain(`mode: ${secret} → [0]`);
});

test.each([
  ['password = x1', 'password = [secret]'],
  ["db_password: 'a b'", 'db_password: [secret]'],
  ['"api_token": "abc", "n": 1', '"api_token": [secret], "n": 1'],
  ['SECRET_KEY=abc next', 'SECRET_KEY=[secret] next'],
  ['https://user:pass@host/x', 'https://user:[secret]@host/x'],
  ['Authorization: Bearer abcdefghi', 'Authorization: Bearer [secret]'],
  ['root:$6$salt$abcdefgh./:1', 'root:[secret]:1'],
  ['a\n-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nb', 'a\n[secret]\nb'],
  ['+-----BEGIN PRIVATE KEY-----\n+MII', '+[secret]'],
  ['-----BEGIN CERTIFICATE-----', '-----BEGIN CERTIFICATE-----'],
  ['Dependency File[/etc/passwd] has failures: true', 'Dependency File[/etc/passwd] has failures: true'],
  ['the password of root', 'the password of root'],
])('%j is shown as %j', (text, expected) => {
  expect(redactor([])(text)).toBe(expected);
});

test('a pattern that finds nothing leaves everything as it is', () => {
  expect(redactor([/x*/gu])('axxb')).toBe('a[secret]b');
});
