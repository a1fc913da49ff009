import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { compileCatalogs } from '../../../src/puppet/catalogs/compile-catalogs.ts';
import {
  installedPuppet,
  puppetOf,
  readPuppetVersion,
} from '../../../src/puppet/catalogs/installed-puppet.ts';
import { temporaryFolder } from '../../cli/stage-process.ts';
import { compilerOptions, environmentFolder, removeFolders } from './environment-folder.ts';

const folder = temporaryFolder();
afterAll(() => {
  folder.remove();
  removeFolders();
});
const at = (name: string) => join(folder.path, name);
const write = (name: string, text = '') => {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
};

const gems = '/usr/share/rubygems-integration/all/gems';

test.each([
  ["Debian's", ['/usr/bin/ruby', '/usr/lib/ruby/vendor_ruby/puppet/version.rb'], '/usr/bin/ruby'],
  [
    "Debian's OpenVox, a gem,",
    ['/usr/bin/ruby', `${gems}/openvox-9.0.0.pre.rc1/lib/puppet/version.rb`],
    '/usr/bin/ruby',
  ],
  [
    "the vendor's, also beside Debian's Ruby",
    [
      '/usr/bin/ruby',
      '/opt/puppetlabs/puppet/bin/ruby',
      '/opt/puppetlabs/puppet/lib/ruby/vendor_ruby/puppet/version.rb',
    ],
    '/opt/puppetlabs/puppet/bin/ruby',
  ],
])('%s Puppet is found', (_, files, ruby) => {
  const list = (folder: string) => (folder === gems ? ['openfact-6.0.0', 'openvox-9.0.0.pre.rc1'] : []);
  expect(installedPuppet({ exists: (path) => files.includes(path), list }).ruby).toBe(ruby);
});

test('a Ruby without Puppet is none', () => {
  const look = () => installedPuppet({ exists: (path) => path === '/usr/bin/ruby', list: () => [] });
  expect(look).toThrow('install the package puppet-agent');
  expect(look).toThrow(expect.objectContaining({ exitCode: 4 }));
});

test("a program's Puppet is beside it, and its Ruby there, too, or in its first line", () => {
  const version = "module Puppet\n  PUPPETVERSION = '8.10.0'\nend\n";
  write('debian/bin/puppet', '#!/usr/bin/ruby3.3\nbegin\n');
  write('debian/lib/ruby/vendor_ruby/puppet/version.rb', version);
  const debian = puppetOf(at('debian/bin/puppet'));
  expect(debian).toEqual({ ruby: '/usr/bin/ruby3.3', library: at('debian/lib/ruby/vendor_ruby') });
  expect(readPuppetVersion(debian)).toEqual({ text: version, version: '8.10.0' });

  write('vendor/puppet/bin/wrapper.sh', '#!/bin/sh\n');
  write('vendor/puppet/bin/ruby');
  write('vendor/puppet/lib/ruby/vendor_ruby/puppet/version.rb');
  mkdirSync(at('vendor/bin'));
  symlinkSync('../puppet/bin/wrapper.sh', at('vendor/bin/puppet'));
  const library = at('vendor/puppet/lib/ruby/vendor_ruby');
  expect(puppetOf(at('vendor/bin/puppet'))).toEqual({ ruby: at('vendor/puppet/bin/ruby'), library });

  write('openvox/bin/puppet', '#!/usr/bin/env ruby\n');
  const gem = 'openvox/share/rubygems-integration/all/gems/openvox-9.0.0.pre.rc1/lib';
  write(
    `${gem}/puppet/version.rb`,
    "module Puppet\n  PUPPETVERSION = '9.0.0-rc1'\n  IMPLEMENTATION = 'openvox'\nend\n",
  );
  const openvox = puppetOf(at('openvox/bin/puppet'));
  expect(openvox).toEqual({ ruby: '/usr/bin/ruby', library: at(gem) });
  expect(readPuppetVersion(openvox).version).toBe('9.0.0-rc1');

  // As the recipe of Vox Pupuli's package says.
  write('vox/bin/puppet', '#!/opt/puppetlabs/puppet/bin/ruby\n');
  write('vox/bin/ruby');
  write('vox/lib/ruby/site_ruby/3.2.0/puppet/version.rb');
  const vox = { ruby: at('vox/bin/ruby'), library: at('vox/lib/ruby/site_ruby/3.2.0') };
  expect(puppetOf(at('vox/bin/puppet'))).toEqual(vox);

  write('checkout/bin/puppet', '#!/usr/bin/env ruby\n');
  write('checkout/lib/puppet/version.rb');
  expect(puppetOf(at('checkout/bin/puppet'))).toEqual({ ruby: '/usr/bin/ruby', library: at('checkout/lib') });
});

test('what is no program of Puppet is wrong input', () => {
  write('other/bin/puppet', '#!/bin/sh\n');
  // Beside Puppet, but another program.
  write('beside/bin/ls');
  mkdirSync(at('beside/puppet'));
  write('beside/lib/ruby/vendor_ruby/puppet/version.rb');
  for (const program of ['none', 'other/bin/puppet', 'beside/bin/ls', 'beside/bin', 'beside/puppet'].map(at))
    expect(() => puppetOf(program)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(`--puppet "${program}": `) }),
    );
});

test('another Puppet than the installed one compiles when it is named, and OpenVox says that it is one', async () => {
  const openvox = "module Puppet\n  def self.implementation\n    'openvox'\n  end\nend\n";
  const installed = installedPuppet();
  for (const part of readdirSync(installed.library).filter((name) => /^(puppet|hiera)/.test(name)))
    cpSync(join(installed.library, part), at(`new/lib/${part}`), { recursive: true });
  write(
    'new/lib/puppet/version.rb',
    readPuppetVersion(installed).text.replace(/'\d+\.\d+\.\d+[^']*'/, "'99.1.2'") + openvox,
  );
  write('new/bin/puppet', `#!${installed.ruby}\n`);
  const site = 'notify { "${serverversion} ${implementation} ${serverimplementation}": }\n';
  const manifests = environmentFolder({ 'manifests/site.pp': site });
  const request = {
    ...{ node: 'one', certname: 'one.bake', environment: 'production', authenticated: 'local' as const },
    ...{ facts: {}, given: [] },
  };
  const options = { ...compilerOptions(manifests), puppet: puppetOf(at('new/bin/puppet')) };
  const { environment, compilations } = await compileCatalogs([request], options);
  expect(environment.puppetVersion).toBe('99.1.2');
  expect(JSON.stringify(compilations)).toContain('"title":"99.1.2 openvox openvox"');
});
