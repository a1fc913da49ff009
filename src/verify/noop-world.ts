import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import writeFileAtomic from 'write-file-atomic';
import { certificateCleaner, type CertificateFlags } from '../puppet/ca/certificates.ts';
import { readEnvironment } from '../puppet/environment/read-environment.ts';
import {
  NoopUnavailableError,
  type NoopMachine,
  noopRun,
  type NoopTask,
  type NoopWorld,
} from './noop-run.ts';
import { readEvidence } from './read-evidence.ts';
import type { ImageCase } from './verdict.ts';

/** The flags of verify that a noop run goes by. */
export interface NoopFlags extends CertificateFlags {
  reports: string;
  manifests: string;
  provision: string;
  'certificate-wait': number | undefined;
  secret: readonly RegExp[];
  plan?: string | undefined;
}

/** What a noop run needs is not there; the message has a line for each. */
export class NoopInputError extends Error {
  readonly exitCode = 2;
}

/**
 * Answers what runs Puppet in noop mode on a server, over real files and scripts; it keeps the report and what Puppet
 * printed in `<reports>/<node>/noop/`.
 * @throws NoopInputError, CertificateFlagsError
 */
export async function noopRunner(
  flags: NoopFlags,
  nodes: readonly { converge: boolean; puppetServer?: string }[],
  say: (line: string) => void,
): Promise<(task: NoopTask, machine: NoopMachine) => Promise<ImageCase[]>> {
  const converging = nodes.filter(({ converge }) => converge);
  if (converging.length > 0)
    await checkInputs(
      flags,
      converging.some(({ puppetServer }) => puppetServer === undefined),
    );
  const cleanCertificate = await certificateCleaner(flags);
  return (task, machine) => {
    const world: NoopWorld = {
      collect: (one, use) => collected(one, flags, use),
      discard: (upload) => rm(upload, { force: true }),
      script: (name) => readFile(join(flags.provision, name), 'utf8'),
      evidence: async (report, console) => {
        const folder = join(flags.reports, task.node, 'noop');
        await mkdir(folder, { recursive: true });
        await writeFileAtomic(join(folder, 'puppet-report.yaml'), report);
        await writeFileAtomic(join(folder, 'puppet-console.log'), console);
        return readEvidence(join(flags.reports, task.node), 'noop');
      },
      cleanCertificate,
      say,
    };
    return noopRun(task, machine, flags.secret, world);
  };
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
  if (problems.length > 0) throw new NoopInputError(problems.join('\n'));
}

/** What goes up is what went up in the bake. */
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
  // Where build clears what one leaves that was killed.
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
    const end = await execa('/bin/sh', [script], { env, stdin: 'ignore', reject: false });
    if (end.failed)
      throw new NoopUnavailableError(`what goes up could not be collected: ${end.stderr.trim()}`);
    return await use(upload);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
