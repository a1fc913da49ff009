import { exitCode, StageError } from '../../lib/errors.ts';
import { runFailure } from '../../puppet/report/run-failure.ts';
import type { Evidence } from '../read-evidence.ts';
import type { ImageCase } from '../verdict.ts';
import { judgeNoop, runCase } from './judge-noop.ts';
import type { SshSession } from './ssh-session.ts';

/** Whose catalog is compared with a server of its image. */
export interface NoopTask {
  node: string;
  /** The bake's, so that the catalog is the same. */
  certname: string;
  run: string;
  /** Absent: the uploaded environment is applied. */
  puppetServer?: string;
  puppetEnvironment: string;
  facts: Record<string, unknown>;
}

/** What a noop run needs of this computer. */
export interface NoopDeps {
  /**
   * Collects what goes up, as for a bake, hands the file to `use`, and removes it. Returns what `use` does;
   * throws StageError (4).
   */
  collect: <T>(task: NoopTask, use: (upload: string) => Promise<T>) => Promise<T>;
  /** Removes what was collected, as soon as it is not needed. */
  discard: (upload: string) => Promise<void>;
  /** A script of templates/provision. */
  script: (name: 'bootstrap.sh' | 'puppet.sh') => Promise<string>;
  /** Keeps a report and what Puppet printed, and reads them. */
  evidence: (report: string, console: string) => Promise<Evidence>;
  /** Removes the certificate from the Puppet server; returns why it may still be there. */
  cleanCertificate: (server: string, certname: string) => Promise<string | undefined>;
  progress: (line: string) => void;
}

const minuteMs = 60_000;

/**
 * Runs Puppet once more, in noop mode, on a server of a new image, by the same scripts and with the same facts and
 * certificate name as its bake. Nothing of it stays: the server is terminated, the certificate cleaned.
 * @throws StageError (4) when the run could not be made, for a reason that is not the image's
 */
export async function noopRun(
  task: NoopTask,
  session: SshSession,
  secrets: readonly RegExp[],
  deps: NoopDeps,
): Promise<ImageCase[]> {
  const { puppetServer: server, certname, node } = task;
  const clean = async () => {
    if (server === undefined) return;
    const why = await deps.cleanCertificate(server, certname);
    if (why !== undefined)
      deps.progress(`[${node}] warning: not cleaned: certificate ${certname} on ${server} (${why})`);
  };
  await clean();
  try {
    return await deps.collect(task, (upload) => runThere(upload, task, session, secrets, deps));
  } finally {
    await clean();
  }
}

async function runThere(
  upload: string,
  task: NoopTask,
  session: SshSession,
  secrets: readonly RegExp[],
  deps: NoopDeps,
): Promise<ImageCase[]> {
  const failed = (what: string, end: { stderr: string }) => [
    runCase([{ reason: 'no-report', message: reasonText(what, end) }]),
  ];
  const made = await session.run('install -d -m 700 /var/lib/bakehouse-bake', [], minuteMs);
  if (made.exitCode !== 0) return failed('the server takes no files', made);
  const sent = await session.send(upload, '/var/lib/bakehouse-bake/upload.tar');
  // The secret for autosign may be in it.
  await deps.discard(upload);
  if (sent.exitCode !== 0) return failed('the server takes no files', sent);
  // The script's own patience, ten minutes for cloud-init and for each lock, ends first, with a sentence.
  const ready = await session.run(await deps.script('bootstrap.sh'), [], 35 * minuteMs);
  // For instance, a package archive that is away. It says nothing of the image.
  if (ready.exitCode !== 0)
    throw unavailable(reasonText('Puppet could not be made ready on the server', ready));
  const mode = task.puppetServer === undefined ? 'apply' : 'agent';
  const script = `export MODE=${mode} NOOP=yes\n${await deps.script('puppet.sh')}`;
  const ran = await session.run(script, [], 60 * minuteMs);
  if (ran.exitCode !== 0) return failed('Puppet could not be run on the server', ran);
  const report = await session.run('cat /var/lib/bakehouse-bake/report.yaml', [], 5 * minuteMs);
  if (report.exitCode !== 0) return failed('the report of the noop run could not be read', report);
  const code = /^bakehouse: puppet exit code (\d+)$/m.exec(ran.stdout)?.[1];
  const evidence = await deps.evidence(report.stdout, ran.stdout);
  const away = serverFailure(evidence);
  if (away !== undefined) throw unavailable(away);
  return judgeNoop(evidence, code === undefined ? undefined : Number(code), secrets);
}

function reasonText(what: string, { stderr }: { stderr: string }): string {
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return said === '' ? what : `${what}: ${said}`;
}

/** Why there was no catalog to compare with, where that is the Puppet server's, its certificates' or the network's. */
function serverFailure({ report, console }: Evidence): string | undefined {
  if (!('missing' in report) && (report.status !== 'failed' || report.resources.length > 0)) return undefined;
  const failure = runFailure(console);
  return failure === undefined || failure.reason === 'not-compiled' ? undefined : failure.message;
}

function unavailable(message: string): StageError {
  return new StageError(message, exitCode.unavailable);
}
