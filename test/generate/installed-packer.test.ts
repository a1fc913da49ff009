import { describe, expect, test } from '@jest/globals';
import { ensureAmazonPlugin, type PackerCommand } from '../../src/generate/installed-packer.ts';
import { isAtLeast, parsePackerVersion, type PackerVersion } from '../../src/generate/installed-packer.ts';

function packer(installed: string, installs: number) {
  const calls: string[] = [];
  const command: PackerCommand = (args) => {
    calls.push(args.join(' '));
    const listing = args[1] === 'installed';
    return Promise.resolve({
      exitCode: listing ? 0 : installs,
      output: listing ? installed : 'x\nno network',
    });
  };
  return { calls, command };
}

const ensure = async (version: PackerVersion, may: boolean, world: ReturnType<typeof packer>) => {
  const said: string[] = [];
  await ensureAmazonPlugin(version, may, world.command, (line) => said.push(line));
  return said;
};
const install = 'plugins install github.com/hashicorp/amazon';

describe('the amazon plugin', () => {
  test.each<[PackerVersion]>([[[1, 6, 6]], [[1, 7, 10]]])(
    'comes with Packer %j, which has no command for it',
    async (v) => {
      const world = packer('', 1);
      await ensure(v, true, world);
      expect(world.calls).toEqual([]);
    },
  );

  test('is left alone when it is there', async () => {
    const world = packer(
      '/root/.config/packer/plugins/github.com/hashicorp/amazon/packer-plugin-amazon_v1.3.1',
      1,
    );
    expect(await ensure([1, 11, 2], true, world)).toEqual([]);
    expect(world.calls).toEqual(['plugins installed']);
  });

  test('is installed when it is missing, and that is said', async () => {
    const world = packer('', 0);
    expect(await ensure([1, 14, 0], true, world)).toEqual([expect.stringContaining(install)]);
    expect(world.calls).toEqual(['plugins installed', install]);
  });

  test('is not installed against the will of the caller', async () => {
    const world = packer('', 0);
    await expect(ensure([1, 10, 0], false, world)).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining(install),
    });
    expect(world.calls).toEqual(['plugins installed']);
  });

  test('that cannot be installed ends the build from 1.10 on, and is a warning while Packer brings one along', async () => {
    await expect(ensure([1, 10, 0], true, packer('', 1))).rejects.toThrow('no network');
    expect(await ensure([1, 9, 5], true, packer('', 1))).toEqual([
      expect.stringContaining(install),
      expect.stringContaining('warning'),
    ]);
  });
});

test.each<[string, PackerVersion | undefined]>([
  ['Packer v1.6.6', [1, 6, 6]],
  ['Packer v1.11.2\n\nYour version of Packer is out of date!', [1, 11, 2]],
  ['Packer v1.10.0-dev', [1, 10, 0]],
  ['usage: packer [-h] password dictionary', undefined],
  ['', undefined],
])('the version in %j is %j', (text, version) => {
  expect(parsePackerVersion(text)).toEqual(version);
});

test.each<[PackerVersion, PackerVersion, boolean]>([
  [[1, 6, 6], [1, 7, 0], false],
  [[1, 10, 0], [1, 9, 9], true],
  [[2, 0, 0], [1, 9, 9], true],
  [[1, 7, 0], [1, 7, 0], true],
  [[0, 12, 9], [1, 6, 0], false],
])('%j is at least %j: %j', (a, b, expected) => {
  expect(isAtLeast(a, b)).toBe(expected);
});
