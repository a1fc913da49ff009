import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { execa } from 'execa';
import { testAsRoot } from '../../as-root.ts';
import { root } from '../../cli/stage-process.ts';

testAsRoot('a file that only half fits on the disk is not written, and the one before stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bakehouse-full-'));
  const program = `
    import { replaceFileSync } from ${JSON.stringify(join(root, 'src/local-cloud/state/whole-file.ts'))};
    replaceFileSync(process.argv[1], 'before', 0o600);
    try { replaceFileSync(process.argv[1], 'x'.repeat(20_000), 0o600); } catch ({ code }) { console.log(code); }`;
  // In a mount namespace of its own, so that no mount outlives it.
  const script =
    'mount -t tmpfs -o size=12k full "$1" && node --import tsx --input-type=module -e "$2" "$1/file" && ls "$1" && cat "$1/file"';
  const { stdout } = await execa('unshare', ['--mount', 'sh', '-c', script, 'sh', folder, program], {
    cwd: root,
  });
  expect(stdout).toBe('ENOSPC\nfile\nbefore');
  rmSync(folder, { recursive: true });
});
