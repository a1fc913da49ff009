import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensureOsPackages } from '../src/local-cloud/os-packages.ts';

/**
 * `npm test`: installs what the tests need of the operating system, runs jest, and closes with the one line that
 * every CI can read. Arguments go to jest: `npm test -- test/nodes`.
 */

const packages = [
  'packer',
  'puppet-agent',
  'puppetserver',
  'awscli',
  'groovy',
  'git',
  'openssh-client',
  'openssl',
  'systemd-container',
  'mmdebstrap',
  'nftables',
  'iproute2',
  'ant',
  'default-jre-headless',
  // What test/plan/corpus.test.ts plans; installed, since that must change no digest.
  ...[
    'apache',
    'apt',
    'concat',
    'firewall',
    'haproxy',
    'inifile',
    'mysql',
    'ntp',
    'postgresql',
    'rabbitmq',
  ].map((name) => `puppet-module-puppetlabs-${name}`),
  ...['rsync', 'stdlib', 'vcsrepo', 'xinetd'].map((name) => `puppet-module-puppetlabs-${name}`),
  ...['camptocamp-systemd', 'puppet-archive', 'saz-memcached'].map((name) => `puppet-module-${name}`),
  'groovy',
];
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bakehouse-test-'));
const results = join(folder, 'results.json');

interface JestResults {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numRuntimeErrorTestSuites: number;
}

/** Runs jest once; answers its exit code and adds what it counted to `sum`. */
async function jest(args: readonly string[], sum: { passed: number; failed: number; skipped: number }) {
  await rm(results, { force: true });
  const node = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
  ];
  const child = spawn(process.execPath, [...node, '--json', `--outputFile=${results}`, ...args], {
    cwd: root,
    // The SDK says at each start that it will go on without Node 20 one day; package-lock.json holds it here.
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exit) => {
      resolve(exit ?? 1);
    });
  });
  const counted = JSON.parse(await readFile(results, 'utf8')) as JestResults;
  sum.passed += counted.numPassedTests;
  // A suite that cannot even be loaded has no tests to fail: it counts as one.
  sum.failed += counted.numFailedTests + counted.numRuntimeErrorTestSuites;
  sum.skipped += counted.numPendingTests;
  return code;
}

async function main(): Promise<number> {
  await ensureOsPackages({ packages, say: (line) => void process.stderr.write(`${line}\n`) });
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const given = process.argv.slice(2);
  // Two end-to-end tests at a time: each waits for its machines most of the time, and each has a cloud of its own. Alone
  // runs the one that looks at what all clouds of a computer share; last, since it has no time for the base image to be
  // built. A cloud that a failed test left running must not keep jest from ending: it ends with jest.
  const alone = 'local-cloud/crash.e2e';
  const runs =
    given.length > 0
      ? [given]
      : [
          ['--testPathIgnorePatterns=e2e'],
          [
            ...['e2e', '--maxWorkers=2', '--forceExit', `--testPathIgnorePatterns=${alone}`],
            '--testSequencer=./test/longest-first.js',
          ],
          [alone, '--runInBand', '--forceExit'],
        ];
  const codes: number[] = [];
  for (const args of runs) codes.push(await jest(args, sum));
  const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : '';
  process.stdout.write(`${sum.passed} passed, ${sum.failed} failed${skipped}\n`);
  return codes.find((code) => code !== 0) ?? 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`npm test: ${(error as Error).message}\n`);
  process.exitCode = (error as { exitCode?: number }).exitCode ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
