import { expect, test } from '@jest/globals';
import { installedPuppet } from '../../../src/puppet/catalogs/installed-puppet.ts';

test.each([
  ["Debian's", ['/usr/bin/ruby', '/usr/lib/ruby/vendor_ruby/puppet.rb'], '/usr/bin/ruby'],
  [
    "the vendor's, also beside Debian's Ruby",
    [
      '/usr/bin/ruby',
      '/opt/puppetlabs/puppet/bin/ruby',
      '/opt/puppetlabs/puppet/lib/ruby/vendor_ruby/puppet.rb',
    ],
    '/opt/puppetlabs/puppet/bin/ruby',
  ],
])('%s Puppet is found', (_, files, ruby) => {
  expect(installedPuppet((path) => files.includes(path))).toBe(ruby);
});

test('a Ruby without Puppet is none', () => {
  const look = () => installedPuppet((path) => path === '/usr/bin/ruby');
  expect(look).toThrow('install the package puppet-agent');
  expect(look).toThrow(expect.objectContaining({ exitCode: 4 }));
});
