import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { installPlugin, parsePackerVersion, pluginIn } from '../src/generate/installed-packer.ts';

/**
 * `npm run test:packer -- PACKER [PLUGIN]` runs the end-to-end tests that bake with another Packer than Debian's. It
 * downloads and builds nothing: PACKER is HashiCorp's program, and PLUGIN, from Packer 1.10 on, its amazon plugin's.
 */

const files = [
  'test/e2e/main-line.e2e',
  'test/e2e/interrupts.e2e',
  'test/e2e/failures.e2e',
  'test/local-cloud/packer.e2e',
];
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bakehouse-packer-'));
const say = (line: string) => void process.stderr.write(`npm run test:packer: ${line}\n`);

/** The tests hand PATH on to the stages, and no variable of Packer's: the `packer` on it sets those itself. */
const wrapper = `#!/bin/sh
here=$(dirname "$0")
PACKER_PLUGIN_PATH="$here/plugins" exec "$here/program" "$@"
`;

/** Puts a `packer` into the folder that runs the given program, with plugins of its own. */
function putPacker(program: string): string {
  const packer = join(folder, 'packer');
  mkdirSync(join(folder, 'plugins'));
  symlinkSync(program, join(folder, 'program'));
  writeFileSync(packer, wrapper);
  chmodSync(packer, 0o755);
  return packer;
}

async function main([program, plugin]: readonly string[]): Promise<number> {
  if (program === undefined) {
    say('skipped: it needs another Packer than Debian has: npm run test:packer -- PACKER [AMAZON-PLUGIN]');
    process.stdout.write(`0 passed, 0 failed, ${files.length} skipped\n`);
    return 0;
  }
  const absent = [program, plugin].find((path) => path !== undefined && !existsSync(path));
  if (absent !== undefined) throw new Error(`there is no file ${absent}`);
  const packer = putPacker(resolve(program));
  const run = async (...args: string[]) => (await execa(packer, args, { stdin: 'ignore' })).stdout;
  const version = parsePackerVersion(await run('version'));
  if (version === undefined) throw new Error(`${program} is not HashiCorp's Packer`);
  if (plugin !== undefined) {
    const [plugins = '', install = '', name = ''] = installPlugin;
    await run(plugins, install, '--path', resolve(plugin), name);
  }
  const listed = plugin === undefined ? 'no plugin of its own' : pluginIn(await run('plugins', 'installed'));
  if (listed === undefined) throw new Error(`Packer ${version} does not list the plugin that it installed`);
  say(`Packer ${version}, ${listed}`);
  const { exitCode } = await execa(process.execPath, ['--import', 'tsx', 'test/run.ts', ...files], {
    cwd: root,
    env: { PATH: `${folder}:${process.env.PATH ?? ''}` },
    stdio: 'inherit',
    reject: false,
  });
  return exitCode ?? 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say((error as Error).message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
