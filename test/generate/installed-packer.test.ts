import { describe, expect, test } from '@jest/globals';
import {
  ensureAmazonPlugin,
  hasImdsOptions,
  isNewEnough,
  type PackerCommand,
  parsePackerVersion,
} from '../../src/generate/installed-packer.ts';

/** As Packer 1.9.5 lists its errors (go-multierror). */
const noNetwork =
  '2 errors occurred:\n\t* Get "https://api.github.com/repos/x": dial tcp: no network\n\t* could not install any compatible version of plugin "github.com/hashicorp/amazon"\n\n';

function packer(installed: string, installs: boolean) {
  const calls: string[] = [];
  const command: PackerCommand = (args) => {
    calls.push(args.join(' '));
    const listing = args[1] === 'installed';
    return Promise.resolve({
      succeeded: listing || installs,
      output: listing ? installed : noNetwork,
    });
  };
  return { calls, command };
}

const ensure = async (version: string, mayInstall: boolean, fake: ReturnType<typeof packer>) => {
  const said: string[] = [];
  await ensureAmazonPlugin(version, mayInstall, fake.command, (line) => said.push(line));
  return said;
};
const install = 'plugins install github.com/hashicorp/amazon';

describe('the amazon plugin', () => {
  test.each(['1.6.6', '1.7.10', '1.9.5'])('comes with Packer %s, which is not asked for it', async (v) => {
    const fake = packer('', false);
    await ensure(v, true, fake);
    expect(fake.calls).toEqual([]);
  });

  test('is left alone when it is there', async () => {
    const fake = packer(
      '/root/.config/packer/plugins/github.com/hashicorp/amazon/packer-plugin-amazon_v1.3.1',
      false,
    );
    expect(await ensure('1.11.2', true, fake)).toEqual([]);
    expect(fake.calls).toEqual(['plugins installed']);
  });

  test('is installed when it is missing, with a message', async () => {
    const fake = packer('', true);
    expect(await ensure('1.14.0', true, fake)).toEqual([expect.stringContaining(install)]);
    expect(fake.calls).toEqual(['plugins installed', install]);
  });

  test('is not installed with --no-plugin-install, and that is an error', async () => {
    const fake = packer('', true);
    await expect(ensure('1.10.0', false, fake)).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining(install),
    });
    expect(fake.calls).toEqual(['plugins installed']);
  });

  test('that cannot be installed ends the build', async () => {
    await expect(ensure('1.10.0', true, packer('', false))).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(/dial tcp: no network; .*plugins install --path FILE github\.com/),
    });
  });
});

test.each<[string, string | undefined]>([
  ['Packer v1.6.6', '1.6.6'],
  ['Packer v1.11.2\n\nYour version of Packer is out of date!', '1.11.2'],
  ['Packer v1.10.0-dev', '1.10.0'],
  ['usage: packer [-h] password dictionary', undefined],
  ['', undefined],
])('the version in %j is %j', (text, version) => {
  expect(parsePackerVersion(text)).toEqual(version);
});

test.each([
  ['0.12.9', false, false],
  ['1.6.0', true, false],
  ['1.6.6', true, false],
  ['1.7.0', true, true],
  ['1.10.0', true, true],
  ['2.0.0', true, true],
])('Packer %s: new enough %j, asks for IMDSv2 itself %j', (version, newEnough, imds) => {
  expect([isNewEnough(version), hasImdsOptions(version)]).toEqual([newEnough, imds]);
});
