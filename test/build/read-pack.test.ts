import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readPack } from '../../src/build/read-pack.ts';

const folder = mkdtempSync(join(tmpdir(), 'bakehouse pack '));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const packOf = (builder: object) => {
  const file = join(folder, 'redis.json');
  writeFileSync(file, JSON.stringify({ builders: [builder] }));
  return readPack(file);
};

test('a pack says whom Packer logs in as, which volumes stay and whether it takes a key', async () => {
  const mappings = [{ device_name: '/dev/sdf', delete_on_termination: false }];
  const key = { ssh_keypair_name: '{{user `keypair`}}', ssh_private_key_file: '{{user `key_file`}}' };
  expect(
    await packOf({ ssh_username: 'ubuntu', launch_block_device_mappings: mappings, ...key }),
  ).toMatchObject({ sshUser: 'ubuntu', keptVolumes: ['/dev/sdf'], takesKey: true });
  expect(await packOf({ ...key, ssh_keypair_name: 'mine' })).toMatchObject({
    sshUser: undefined,
    keptVolumes: [],
    takesKey: false,
  });
});

test.each(['/nonexistent', 'package.json', 'README.md'])(
  'nothing is known of %s, which is no pack',
  async (file) => {
    const unknown = { unknown: expect.any(String) };
    expect(await readPack(file)).toEqual({
      query: { source: unknown, place: unknown, takesSource: false },
      sshUser: undefined,
      keptVolumes: [],
      takesKey: false,
    });
  },
);
