import { packerEnvironment } from '../generate/installed-packer.ts';
import { installedPuppet } from '../puppet/catalogs/installed-puppet.ts';
import type { Finding } from './finding.ts';
import { asksForPlugin, judgePacker, judgePlugin } from './judge-packer.ts';
import { judgeProgram, judgeSilent } from './judge-program.ts';
import { judgePuppet, puppetQuestion } from './judge-puppet.ts';
import type { ProgramOptions, Ran } from './run-program.ts';

/** Runs a program, without input and with a time limit. */
export type Run = (command: string, args: readonly string[], options?: ProgramOptions) => Promise<Ran>;

/** Loading Puppet takes a second where nothing else runs. */
const puppetLimitMs = 30_000;

/** Packer, and its amazon plugin. */
export async function packerFindings(run: Run): Promise<Finding[]> {
  const options = { env: packerEnvironment };
  const { finding, version } = judgePacker(await run('packer', ['version'], options));
  const asks = version !== undefined && asksForPlugin(version);
  const listing = asks ? await run('packer', ['plugins', 'installed'], options) : undefined;
  return [finding, judgePlugin(version, listing)];
}

/** The Puppet that plan starts, which need not be on PATH. */
export async function puppetFinding(run: Run): Promise<Finding> {
  const ruby = rubyOfPuppet();
  if (ruby === undefined) return judgePuppet(undefined, undefined);
  return judgePuppet(ruby, await run(ruby, puppetQuestion, { limitMs: puppetLimitMs }));
}

function rubyOfPuppet(): string | undefined {
  try {
    return installedPuppet();
  } catch {
    return undefined;
  }
}

const git = { check: 'git', name: 'git', install: 'install git (apt-get install git)' };

export async function gitFinding(run: Run): Promise<Finding> {
  return judgeProgram(git, await run('git', ['--version']), /^git version (\S+)/m);
}

const ssh = {
  check: 'OpenSSH client',
  name: 'ssh',
  install: "install OpenSSH's client (apt-get install openssh-client)",
};

/** ssh, and ssh-keygen, which some distributions have in a package of its own. */
export async function sshFinding(run: Run): Promise<Finding> {
  const [client, keygen] = await Promise.all([
    run('ssh', ['-V']),
    // It has no way to tell its version; that it complains about an empty file is enough.
    run('ssh-keygen', ['-l', '-f', '/dev/null']),
  ]);
  const finding = judgeProgram(ssh, client, /^OpenSSH_([^\s,]+)/m);
  if (finding.state !== 'ok' || keygen.kind === 'ended') return finding;
  return judgeSilent({ ...ssh, name: 'ssh-keygen' }, keygen);
}

const setpriv = {
  check: 'setpriv',
  name: 'setpriv',
  install: 'install util-linux 2.33 or later (apt-get install util-linux)',
};

/** On Linux, what ends Packer and Puppet with a stage that was killed; elsewhere there is no such thing. */
export async function setprivFinding(run: Run, platform: NodeJS.Platform): Promise<Finding[]> {
  if (platform !== 'linux') return [];
  // Run by itself, since busybox' has no --pdeathsig.
  const ran = await run('setpriv', ['--pdeathsig', 'TERM', 'setpriv', '--version']);
  return [judgeProgram(setpriv, ran, /^setpriv from (\S.*)$/m)];
}
