import {
  bundlesPlugin,
  installPacker,
  installPlugin,
  isNewEnough,
  packerEnvironment,
  parsePackerVersion,
  pluginIn,
} from '../generate/installed-packer.ts';
import type { ProgramEnd, ProgramOptions } from '../lib/run-program.ts';
import { installedPuppet } from '../puppet/catalogs/installed-puppet.ts';
import { type Finding, missing, ok, unknown, warning, wrong } from './findings.ts';

/** Runs a program, without input and with a time limit. */
export type Programs = (
  name: string,
  args: readonly string[],
  options?: ProgramOptions,
) => Promise<ProgramEnd>;

/** A program that stages call, and how to get it. */
interface Program {
  check: string;
  /** Its name on PATH. */
  name: string;
  /** What to do when it is missing. */
  install: string;
}

/** Whether a program ended by itself or by a signal, so that what it printed counts. */
function hasEnded({ failure }: ProgramEnd): boolean {
  return failure === undefined || failure === 'killed';
}

/** Judges a program that gave no answer. */
function judgeSilent({ check, name, install }: Program, { failure = '' }: ProgramEnd): Finding {
  if (failure === 'missing') return missing(check, `\`${name}\` is not on PATH`, install);
  if (failure !== 'hung') return wrong(check, `\`${name}\` cannot be started (${failure})`, install);
  return unknown(
    check,
    `\`${name}\` did not answer in time and was killed`,
    `check with \`command -v ${name}\` which program this is; ${install}`,
  );
}

/**
 * Judges a program by the version that it prints.
 * @param pattern finds its version, its first group, in what it prints
 */
export function judgeProgram(program: Program, end: ProgramEnd, pattern: RegExp): Finding {
  if (!hasEnded(end)) return judgeSilent(program, end);
  const version = pattern.exec(`${end.stdout}\n${end.stderr}`)?.[1];
  if (version !== undefined && end.exitCode === 0) return ok(program.check, version);
  const { check, name, install } = program;
  return wrong(check, `\`${name}\` is not the expected program: ${lastWords(end)}`, install);
}

/** The last line that a program printed, or how it ended. */
function lastWords({ exitCode, stdout, stderr }: ProgramEnd): string {
  const line = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '';
  const code = exitCode === undefined ? 'a signal' : `exit code ${exitCode}`;
  return line === '' ? `it ended with ${code} and printed nothing` : `it printed '${line.slice(0, 120)}'`;
}

const packer: Program = {
  check: 'Packer',
  name: 'packer',
  install: installPacker,
};

/** Packer, and its amazon plugin. */
export async function packerFindings(run: Programs): Promise<Finding[]> {
  const options = { env: packerEnvironment };
  const { finding, version } = judgePacker(await run('packer', ['version'], options));
  // Before 1.8 there is no such command: then the plugin is part of it.
  const listing = version === undefined ? undefined : await run('packer', ['plugins', 'installed'], options);
  return [finding, judgePlugin(version, listing)];
}

/** Judges how `packer version` ended; the version where it can be used. */
export function judgePacker(end: ProgramEnd): { finding: Finding; version?: string } {
  const { check, install } = packer;
  if (!hasEnded(end)) return { finding: judgeSilent(packer, end) };
  const version = parsePackerVersion(end.stdout);
  if (version === undefined) {
    const found = `the \`packer\` on PATH is not HashiCorp's: ${lastWords(end)}`;
    return { finding: wrong(check, found, `${install}, before that one on PATH`) };
  }
  if (!isNewEnough(version)) return { finding: wrong(check, `${version} is too old`, install) };
  return { finding: ok(check, version), version };
}

/** Judges how `packer plugins installed` ended; `version` undefined: there is no Packer that can be used. */
export function judgePlugin(version: string | undefined, end: ProgramEnd | undefined): Finding {
  const check = 'amazon plugin';
  if (version === undefined) return unknown(check, 'there is no Packer to ask', 'see Packer');
  const hasListed = end?.exitCode === 0;
  const plugin = hasListed ? pluginIn(end.stdout) : undefined;
  if (plugin !== undefined) return ok(check, plugin);
  if (bundlesPlugin(version)) return ok(check, `part of Packer ${version}`);
  const advice = `packer ${installPlugin.join(' ')}, as the user that bakes`;
  if (hasListed) return missing(check, `Packer ${version} does not include it`, advice);
  const why = end !== undefined && hasEnded(end) ? lastWords(end) : `no answer (${end?.failure ?? ''})`;
  return unknown(check, `\`packer plugins installed\`: ${why}`, advice);
}

/** Loading Puppet takes a second where nothing else runs. */
const puppetLimitMs = 30_000;

/** Makes Puppet's Ruby print both versions. */
const puppetQuestion = ['-W0', '-rpuppet', '-e', 'puts "Puppet #{Puppet.version} Ruby #{RUBY_VERSION}"'];

/** The Puppet that plan starts, which need not be on PATH. */
export async function puppetFinding(run: Programs): Promise<Finding> {
  const ruby = rubyOfPuppet();
  if (ruby === undefined) return judgePuppet(undefined, undefined);
  return judgePuppet(ruby, await run(ruby, puppetQuestion, { timeoutMs: puppetLimitMs }));
}

function rubyOfPuppet(): string | undefined {
  try {
    return installedPuppet().ruby;
  } catch {
    return undefined;
  }
}

/** The oldest whose catalogs plan's tests compile. */
const oldestPuppet = 7;

/**
 * Judges how Puppet's Ruby ended that was to print both versions.
 * @param ruby undefined: there is no Puppet where plan expects it
 */
export function judgePuppet(ruby: string | undefined, end: ProgramEnd | undefined): Finding {
  const check = 'Puppet';
  if (ruby === undefined || end === undefined || end.failure === 'missing')
    return missing(
      check,
      "neither the distribution's nor the vendor's puppet-agent is installed",
      'systemctl mask puppet.service; apt-get install puppet-agent (masked: it must not manage this machine)',
    );
  const advice = `try ${ruby} -r puppet`;
  if (end.failure === 'hung') return unknown(check, `${ruby} did not load Puppet in time`, advice);
  if (!hasEnded(end)) return wrong(check, `${ruby} cannot be started (${end.failure ?? ''})`, advice);
  const [, major = '', rest = '', rubyVersion = ''] =
    /^Puppet (\d+)(\.\S+) Ruby (\S+)$/m.exec(end.stdout) ?? [];
  if (end.exitCode !== 0 || major === '')
    return wrong(check, `${ruby} cannot load Puppet: ${lastWords(end)}`, advice);
  const found = `${major}${rest}, run by Ruby ${rubyVersion} (${ruby})`;
  if (Number(major) >= oldestPuppet) return ok(check, found);
  return warning(check, found, `use Puppet ${oldestPuppet} or later: plan is not tested with older ones`);
}

export async function gitFinding(run: Programs): Promise<Finding> {
  const git = { check: 'git', name: 'git', install: 'install git (apt-get install git)' };
  return judgeProgram(git, await run('git', ['--version']), /^git version (\S+)/m);
}

/** ssh, and ssh-keygen, which some distributions have in a package of its own. */
export async function sshFinding(run: Programs): Promise<Finding> {
  const install = "install OpenSSH's client (apt-get install openssh-client)";
  const ssh = { check: 'OpenSSH client', name: 'ssh', install };
  const [client, keygen] = await Promise.all([
    run('ssh', ['-V']),
    // It cannot print its version; that it complains about an empty file is enough.
    run('ssh-keygen', ['-l', '-f', '/dev/null']),
  ]);
  const finding = judgeProgram(ssh, client, /^OpenSSH_([^\s,]+)/m);
  if (finding.state !== 'ok' || hasEnded(keygen)) return finding;
  return judgeSilent({ ...ssh, name: 'ssh-keygen' }, keygen);
}

/** On Linux, what ends Packer and Puppet with a stage that was killed; elsewhere there is no such thing. */
export async function setprivFinding(run: Programs, platform: NodeJS.Platform): Promise<Finding[]> {
  if (platform !== 'linux') return [];
  const install = 'install util-linux 2.33 or later (apt-get install util-linux)';
  // Run by itself, since busybox' has no --pdeathsig.
  const end = await run('setpriv', ['--pdeathsig', 'TERM', 'setpriv', '--version']);
  return [judgeProgram({ check: 'setpriv', name: 'setpriv', install }, end, /^setpriv from (\S.*)$/m)];
}
