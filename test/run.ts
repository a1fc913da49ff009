import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { StageError } from '../src/lib/errors.ts';
import { ensureOsPackages, hasPacker } from '../src/local-cloud/os-packages.ts';

/**
 * `npm test` installs what the tests need of the operating system, runs all that a commit needs, and closes with the one
 * line that every CI can read. `--unit`: without the end-to-end tests and those that have a real Puppet compile
 * (*.puppet.test.ts), without root. `--nightly`: without the end-to-end tests, but with the property and mutation suites
 * whole (test/runs.ts); as root also those of the end-to-end tests, and `npm start -- --puppet-server`. Other arguments go to jest: `npm test -- test/nodes`.
 */

const packages = [
  ...((await hasPacker()) ? [] : ['packer']),
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
  'rsync',
  'vagrant',
  'default-jre-headless',
  'chromium',
  // What test/plan/corpus.puppet.test.ts plans; installed, since that must change no digest.
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
];
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bakehouse-test-'));
const results = join(folder, 'results.json');
/** The compiled stages, and the local cloud; each run has its own, since two may be under way. */
const stages = `dist.test-${process.pid}`;

interface JestResults {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numRuntimeErrorTestSuites: number;
  testResults: { assertionResults: { status: string; fullName: string }[] }[];
}

type CoverageSummary = Record<string, { lines: { total: number; covered: number } }>;

/** Runs jest once; answers its exit code and adds what it counted to `sum`. */
async function jest(args: readonly string[], sum: { passed: number; failed: number; skipped: number }) {
  await rm(results, { force: true });
  const node = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    // Each file loads its modules anew: with room for them less is collected.
    '--max-semi-space-size=64',
    'node_modules/jest/bin/jest.js',
  ];
  const coverage = args.includes('--coverage')
    ? ['--coverageReporters=json-summary', `--coverageDirectory=${folder}`]
    : [];
  const outputs = ['--json', `--outputFile=${results}`, ...coverage];
  const child = spawn(process.execPath, [...node, ...outputs, ...args], {
    cwd: root,
    // The SDK says at each start that it will go on without Node 20 one day; package-lock.json holds it here.
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    stdio: ['ignore', 'ignore', 'inherit'],
    // A group of its own: a signal is passed on to jest's workers, too, and to the clouds that the tests have started.
    detached: true,
  });
  let stopped: NodeJS.Signals | undefined;
  const passOn = (signal: NodeJS.Signals) => {
    stopped = signal;
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  };
  process.once('SIGINT', passOn).once('SIGTERM', passOn);
  const code = await new Promise<number>((resolve, reject) => {
    const watch = setInterval(() => {
      if (existsSync(results)) endLate(child, sum, watch);
    }, 1_000);
    child.once('error', reject);
    child.once('exit', (exit) => {
      clearInterval(watch);
      process.off('SIGINT', passOn).off('SIGTERM', passOn);
      if (stopped === undefined) resolve(exit ?? 1);
      else reject(new StageError(`ended by ${stopped}`, 128 + constants.signals[stopped]));
    });
  });
  const counted = JSON.parse(await readFile(results, 'utf8')) as JestResults;
  sum.passed += counted.numPassedTests;
  // A suite that cannot even be loaded has no tests to fail: it counts as one.
  sum.failed += counted.numFailedTests + counted.numRuntimeErrorTestSuites;
  sum.skipped += counted.numPendingTests;
  for (const { status, fullName } of counted.testResults.flatMap(({ assertionResults }) => assertionResults))
    if (status === 'pending') process.stderr.write(`skipped: ${fullName}\n`);
  if (coverage.length > 0) await printCoverage();
  return code;
}

/** A jest that has written its results and does not end has a leak: that is a failure, and must not hold CI up. */
function endLate(child: ChildProcess, sum: { failed: number }, watch: NodeJS.Timeout): void {
  clearInterval(watch);
  const kill = () => {
    process.stderr.write('npm test: jest did not end, since something that a test started still runs\n');
    sum.failed += 1;
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
  };
  const timer = setTimeout(kill, 60_000);
  child.once('exit', () => {
    clearTimeout(timer);
  });
}

/** Prints how many of the lines of each folder of src/ the tests run in their own processes: stages run in others. */
async function printCoverage(): Promise<void> {
  const files = JSON.parse(await readFile(join(folder, 'coverage-summary.json'), 'utf8')) as CoverageSummary;
  const folders = new Map<string, { total: number; covered: number }>();
  for (const [file, { lines }] of Object.entries(files)) {
    const name =
      file === 'total' ? 'all' : relative(root, file).split('/').slice(0, -1).slice(0, 2).join('/');
    const { total, covered } = folders.get(name) ?? { total: 0, covered: 0 };
    folders.set(name, { total: total + lines.total, covered: covered + lines.covered });
  }
  for (const [name, { total, covered }] of [...folders].sort())
    process.stdout.write(
      `${name.padEnd(20)} ${((100 * covered) / total).toFixed(1).padStart(5)} % of ${total} lines\n`,
    );
}

/**
 * A commit's random inputs are its own: the same commit passes or fails everywhere, and the next one tries others. Each
 * night has new ones.
 */
async function seedOfCommit(): Promise<number> {
  const { stdout } = await execa('git', ['rev-parse', 'HEAD^{tree}'], { cwd: root, reject: false });
  return parseInt((stdout || '1').slice(0, 7), 16);
}

async function main(): Promise<number> {
  const given = process.argv.slice(2);
  const isNightly = given.includes('--nightly');
  const isUnit = isNightly || given.includes('--unit');
  const args = given.filter((word) => word !== '--nightly' && word !== '--unit');
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const isRoot = process.geteuid?.() === 0;
  if (!isUnit || isRoot) await ensureOsPackages({ packages, optional: ['vagrant', 'chromium'], say });
  else say('without root the tests that mount or change owners are skipped: npm test runs them');
  await execa('node', ['jobs/compile.mjs', '', stages], { cwd: root });
  process.env.BAKEHOUSE_TEST_STAGES = join(root, stages);
  process.env.BAKEHOUSE_TEST_SHARED = folder;
  process.env.BAKEHOUSE_NIGHTLY = isNightly ? '1' : '';
  process.env.BAKEHOUSE_SEED ??= String(isNightly ? Date.now() % 2 ** 31 : await seedOfCommit());
  const share = isNightly ? 'all' : 'a tenth';
  say(`BAKEHOUSE_SEED=${process.env.BAKEHOUSE_SEED} decides the random inputs; property suites: ${share}`);
  const inOrder = '--testSequencer=./test/longest-first.js';
  // By night the property suites that start Puppet run whole, too.
  const unit = [`--testPathIgnorePatterns=${isNightly ? 'e2e' : '\\.(e2e|puppet)\\.test'}`, inOrder];
  // Alone runs the one that looks at what all clouds of a computer share; last, since it has no time for the base image to
  // be built.
  const alone = 'local-cloud/crash.e2e';
  // What a change rarely breaks, and what takes long: npm run test:matrix has all but vagrant, and the night has start-server and vagrant.
  const elsewhere = 'e2e/(start-server|openvox|vagrant)|local-cloud/metadata.e2e';
  const others = [`--testPathIgnorePatterns=${alone}|${elsewhere}`, inOrder];
  const isChosen = args.some((word) => !word.startsWith('-'));
  // At night whole, too: for a commit they run a part.
  const sampled =
    isNightly && isRoot && !isChosen ? [['test/e2e/(seal|cleanup-faults|start-server|vagrant)']] : [];
  const runs = isUnit
    ? [[...unit, ...args], ...sampled]
    : isChosen
      ? [args]
      : [others, [alone, '--runInBand']];
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const codes: number[] = [];
  for (const run of runs) codes.push(await jest(run, sum));
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
  for (const path of [folder, join(root, stages)]) rmSync(path, { recursive: true, force: true });
}
