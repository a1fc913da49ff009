import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import {
  bundlesPlugin,
  installPlugin,
  parsePackerVersion,
  pluginIn,
} from '../src/generate/installed-packer.ts';

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

const stop = new AbortController();
/** Groups of their own: Ctrl-C at a terminal reaches the tests once, through us. They undo what they have done, and end. */
const stoppable = { cancelSignal: stop.signal, forceKillAfterDelay: false, detached: true } as const;
let signalled: NodeJS.Signals | undefined;
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    signalled ??= signal;
    stop.abort();
  });
}

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

/** Packer before 1.10 installs no file, but takes one that lies, with its checksum, where it would have installed it. */
async function putPlugin(plugin: string): Promise<void> {
  const { stdout } = await execa(plugin, ['describe'], { stdin: 'ignore', ...stoppable });
  const { version, api_version: api } = JSON.parse(stdout) as { version: string; api_version: string };
  const platform = `linux_${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const path = join(folder, 'plugins', ...(installPlugin.at(-1) ?? '').split('/'));
  const file = join(path, `packer-plugin-amazon_v${version}_${api}_${platform}`);
  mkdirSync(path, { recursive: true });
  copyFileSync(plugin, file);
  writeFileSync(`${file}_SHA256SUM`, createHash('sha256').update(readFileSync(plugin)).digest('hex'));
}

async function main([program, plugin]: readonly string[]): Promise<number> {
  if (program === undefined) {
    say(
      `skipped: ${files.length} files. It needs another Packer than Debian has: npm run test:packer -- PACKER [AMAZON-PLUGIN]`,
    );
    return 0;
  }
  const absent = [program, plugin].find((path) => path !== undefined && !existsSync(path));
  if (absent !== undefined) throw new Error(`there is no file ${absent}`);
  const packer = putPacker(resolve(program));
  const run = async (...args: string[]) =>
    (await execa(packer, args, { stdin: 'ignore', ...stoppable })).stdout;
  const version = parsePackerVersion(await run('version'));
  if (version === undefined) throw new Error(`${program} is not HashiCorp's Packer`);
  if (plugin !== undefined) {
    const [plugins = '', install = '', name = ''] = installPlugin;
    if (bundlesPlugin(version)) await putPlugin(resolve(plugin));
    else await run(plugins, install, '--path', resolve(plugin), name);
  }
  const listed = plugin === undefined ? 'no plugin of its own' : pluginIn(await run('plugins', 'installed'));
  if (listed === undefined) throw new Error(`Packer ${version} does not list the plugin that it installed`);
  say(`Packer ${version}, ${listed}`);
  const { exitCode } = await execa(process.execPath, ['--import', 'tsx', 'test/run.ts', ...files], {
    cwd: root,
    env: { PATH: `${folder}:${process.env.PATH ?? ''}` },
    stdio: 'inherit',
    reject: false,
    ...stoppable,
  });
  return exitCode ?? 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (signalled === undefined) say((error as Error).message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
  if (signalled !== undefined) process.exitCode = 128 + constants.signals[signalled];
}
