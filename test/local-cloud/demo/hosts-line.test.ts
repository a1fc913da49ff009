import { expect, test } from '@jest/globals';
import { withHost, withoutHost } from '../../../src/local-cloud/demo/hosts-line.ts';

test.each(['', '10.1.1.1 db\n', '10.1.1.1 db', '# mine\n\n10.1.1.1 puppet\n'])(
  'a hosts file has the name first, and is as it was (%j) when it is taken out again',
  (text) => {
    const named = withHost(text, '10.9.9.9', 'puppet');
    expect(named).toMatch(/^10\.9\.9\.9 puppet #/);
    expect(withoutHost(named)).toBe(text);
  },
);

test('a line that a killed run left goes as soon as there is another one', () => {
  const left = withHost('10.1.1.1 db\n', '10.9.9.9', 'puppet');
  expect(withHost(left, '10.9.9.10', 'puppet')).toBe(withHost('10.1.1.1 db\n', '10.9.9.10', 'puppet'));
});
