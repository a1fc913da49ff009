import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { root } from '../cli/stage-process.ts';
import { seal, write } from './sealed-tree.ts';
import { baseImage } from './puppet-image.ts';

/** puppet.sh over a stand-in for Puppet 5, which Debian 12 does not have: it waits for a certificate without a bound. */

const folder = mkdtempSync(join(tmpdir(), 'bakehouse-old-agent-'));
let base: string;

beforeAll(async () => {
  ({ directory: base } = await baseImage());
}, 3 * 60_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** As Puppet 5.5 ends when it may not wait; the server signs after some tries. */
const puppet = (tries: number) => `#!/bin/sh
case "$1" in
  --version) echo 5.5.22; exit 0 ;;
  config) exit 0 ;;
  agent) ;;
  *) echo "Error: Unknown Puppet subcommand '$1'"; exit 1 ;;
esac
case "$*" in *--waitforcert=0*) ;; *) exec sleep 3600 ;; esac
echo try >>/var/tries
if [ "$(wc -l </var/tries)" -lt ${tries} ]; then
  echo 'Exiting; no certificate found and waitforcert is disabled'
  exit 1
fi
echo 'Notice: Applied catalog in 0.10 seconds'
exit 2
`;

async function run(name: string, tries: number, waitSeconds: number): Promise<string> {
  const layer = join(folder, name);
  write(layer, '/usr/local/sbin/puppet', puppet(tries), 0o755);
  write(layer, '/var/lib/bakehouse-bake/bake.conf', `[agent]\nmaxwaitforcert = ${waitSeconds}\n`);
  const script = readFileSync(join(root, 'templates/provision/puppet.sh'), 'utf8');
  const { output } = await seal({ folder }, [layer, base].join(':'), `export MODE=agent\n${script}`);
  return output;
}

test('an agent of Puppet 5 is started again until its certificate is signed', async () => {
  const output = await run('signed', 2, 20);
  expect(output).toMatch(/waitforcert is disabled\nNotice: Applied catalog/);
  expect(output).toContain('bakehouse: puppet exit code 2\n');
}, 120_000);

test('and ends when that is not so in time', async () => {
  const output = await run('unsigned', 1_000, 3);
  expect(output.match(/waitforcert is disabled/g)?.length).toBeLessThan(4);
  expect(output).toContain('bakehouse: puppet exit code 1\n');
}, 120_000);
