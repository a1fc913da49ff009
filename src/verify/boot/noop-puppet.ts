import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { exitCode, StageError } from '../../lib/errors.ts';
import { writeWhole } from '../../lib/json-file.ts';
import { runProgram } from '../../lib/run-program.ts';
import { certificateCleaner, type CertificateFlags } from '../../puppet/ca/certificates.ts';
import { readEnvironment } from '../../puppet/environment/read-environment.ts';
import { readEvidence } from '../read-evidence.ts';
import type { ImageCase } from '../verdict.ts';
import { reportsAdvice } from '../../cli/shared-flags.ts';
import { type NoopDeps, noopRun, type NoopTask } from './noop-run.ts';
import type { SshSession } from './ssh-session.ts';

/** The flags of verify that a noop run goes by. */
export interface NoopFlags extends CertificateFlags {
  reports: string;
  manifests: string;
  provision: string;
  'certificate-wait': number | undefined;
  secret: readonly RegExp[];
  plan?: string | undefined;
}

/** Runs Puppet on servers of images. */
export interface NoopPuppet {
  run: (task: NoopTask, session: SshSession) => Promise<ImageCase[]>;
}

/**
 * Puppet in noop mode, with the files and scripts of this computer. It keeps the report and what Puppet printed in
 * `<reports>/<node>/noop/`.
 * @throws StageError (2) when something that a noop run needs is missing, a line for each
 */
export async function noopPuppet(
  flags: NoopFlags,
  nodes: readonly { converge: boolean; puppetServer?: string }[],
  progress: (line: string) => void,
): Promise<NoopPuppet> {
  const converging = nodes.filter(({ converge }) => converge);
  if (converging.length > 0) {
    const isMasterless = converging.some(({ puppetServer }) => puppetServer === undefined);
    await checkInputs(flags, isMasterless);
  }
  const cleanCertificate = await certificateCleaner(flags);
  const depsFor = ({ node }: NoopTask): NoopDeps => ({
    collect: (one, use) => collected(one, flags, use),
    discard: (upload) => rm(upload, { force: true }),
    script: (name) => readFile(join(flags.provision, name), 'utf8'),
    evidence: async (report, console) => {
      const folder = join(flags.reports, node, 'noop');
      await writeWhole(join(folder, 'puppet-report.yaml'), report, reportsAdvice);
      await writeWhole(join(folder, 'puppet-console.log'), console, reportsAdvice);
      return readEvidence(join(flags.reports, node), 'noop');
    },
    cleanCertificate,
    progress,
  });
  return { run: (task, session) => noopRun(task, session, flags.secret, depsFor(task)) };
}

async function checkInputs({ manifests, provision }: NoopFlags, masterless: boolean): Promise<void> {
  const problems: string[] = [];
  for (const name of ['collect.sh', 'bootstrap.sh', 'puppet.sh']) {
    const file = join(provision, name);
    if (!(await stat(file).catch(() => undefined))?.isFile())
      problems.push(`${file} is missing: name the folder of the provisioning scripts with --provision DIR`);
  }
  if (masterless && !(await stat(manifests).catch(() => undefined))?.isDirectory())
    problems.push(`${manifests}: there is no such folder: name the Puppet environment with --manifests DIR`);
  if (problems.length > 0) throw new StageError(problems.join('\n'), exitCode.badInput);
}

/** The same files go up as in the bake. */
async function environmentList({ manifests, reports, plan }: NoopFlags): Promise<Buffer> {
  const outputs = [reports, ...(plan === undefined ? [] : [plan])];
  return (await readEnvironment(manifests, outputs)).upload;
}

/** By collect.sh, in a folder that only we may enter: the secret for autosign may be in it. */
async function collected<T>(
  task: NoopTask,
  flags: NoopFlags,
  use: (upload: string) => Promise<T>,
): Promise<T> {
  // build clears this folder when a verify was killed.
  const folder = resolve(flags.reports, task.node, '.work');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    const files = join(folder, 'environment.files');
    if (task.puppetServer === undefined) await writeFile(files, await environmentList(flags));
    const facts = join(folder, 'facts.json');
    await writeFile(facts, JSON.stringify(task.facts));
    const upload = join(folder, 'upload.tar');
    const waitMs = flags['certificate-wait'];
    const env = {
      UPLOAD: upload,
      FACTS: facts,
      RUN: task.run,
      CERTNAME: task.certname,
      CERTIFICATE_WAIT: waitMs === undefined ? '' : String(Math.ceil(waitMs / 1000)),
      PUPPET_SERVER: task.puppetServer ?? '',
      PUPPET_ENVIRONMENT: task.puppetEnvironment,
      MANIFESTS: resolve(flags.manifests),
      FILES: files,
    };
    const script = join(flags.provision, 'collect.sh');
    const end = await runProgram('/bin/sh', [script], { env });
    if (end.exitCode !== 0)
      throw new StageError(`what goes up could not be collected: ${end.stderr.trim()}`, exitCode.unavailable);
    return await use(upload);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
