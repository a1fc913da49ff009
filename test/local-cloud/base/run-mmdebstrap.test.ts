import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runMmdebstrap } from '../../../src/local-cloud/base/run-mmdebstrap.ts';

/** What mmdebstrap 1.5 says, from its first line to its last. */
const said = `I: automatically chosen format: directory
I: chroot architecture amd64 is equal to the host's architecture
I: running apt-get update...
done
I: downloading packages with apt...
I: extracting archives...
I: installing essential packages...
I: installing remaining packages inside the chroot...
I: running --customize-hook in shell: sh -c 'true' exec /x
I: cleaning package lists and apt cache...
I: success in 41.3279 seconds`;

const { PATH: before } = process.env;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'mmdebstrap-'));
  const file = join(folder, 'mmdebstrap');
  writeFileSync(file, `#!/bin/sh\ncat >&2 <<'END'\n${said}\nEND\nexit "$1"\n`);
  chmodSync(file, 0o755);
  process.env.PATH = `${folder}${delimiter}${before ?? ''}`;
});
afterEach(() => {
  process.env.PATH = before;
});

test.each([
  ['0', false],
  ['1', true],
])(
  'the steps of mmdebstrap are said once they begin, and all that it said is known where it ends with %s',
  async (code, failed) => {
    const steps: string[] = [];
    const end = await runMmdebstrap([code], {}, new AbortController().signal, (step) => steps.push(step));
    expect(end).toEqual({ failed, all: said });
    expect(steps).toEqual([
      'reading the lists of packages',
      'downloading the essential packages',
      'unpacking them',
      'installing them',
      'downloading and installing the other packages',
      'configuring the image',
      'removing what apt leaves',
    ]);
  },
);
