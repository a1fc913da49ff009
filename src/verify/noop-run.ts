import { judgeNoop, runCase } from './judge-noop.ts';
import type { Evidence } from './read-evidence.ts';
import { runFailure } from '../puppet/report/run-failure.ts';
import type { ImageCase } from './verdict.ts';

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

/** A server of the image. */
export interface NoopMachine {
  run: (
    script: string,
    args: readonly string[],
    timeoutMs: number,
  ) => Promise<{ exitCode: number | undefined; stdout: string; stderr: string }>;
  send: (file: string, path: string) => Promise<{ exitCode: number | undefined; stderr: string }>;
}

/** What a noop run needs of this computer. */
export interface NoopWorld {
  /**
   * Collects what goes up, as for a bake, hands the file to `use`, and takes it away again. Answers what `use` does;
   * throws NoopUnavailableError.
   */
  collect: <T>(task: NoopTask, use: (upload: string) => Promise<T>) => Promise<T>;
  /** Takes away what was collected, as soon as it is not needed. */
  discard: (upload: string) => Promise<void>;
  /** A script of templates/provision. */
  script: (name: 'bootstrap.sh' | 'puppet.sh') => Promise<string>;
  /** Keeps a report and what Puppet printed, and reads them. */
  evidence: (report: string, console: string) => Promise<Evidence>;
  /** Takes the certificate off the Puppet server; answers why it may still be there. */
  cleanCertificate: (server: string, certname: string) => Promise<string | undefined>;
  say: (line: string) => void;
}

/** The noop run could not be made, for a reason that is not the image's; a sentence. */
export class NoopUnavailableError extends Error {
  readonly exitCode = 4;
}

const minuteMs = 60_000;

/**
 * Runs Puppet once more, in noop mode, on a server of a new image, by the same scripts and with the same facts and
 * certificate name as its bake. Nothing of it stays: the server is thrown away, the certificate cleaned.
 * @throws NoopUnavailableError
 */
export async function noopRun(
  task: NoopTask,
  machine: NoopMachine,
  secrets: readonly RegExp[],
  world: NoopWorld,
): Promise<ImageCase[]> {
  const { puppetServer: server, certname, node } = task;
  const clean = async () => {
    if (server === undefined) return;
    const why = await world.cleanCertificate(server, certname);
    if (why !== undefined)
      world.say(`[${node}] warning: not cleaned: certificate ${certname} on ${server} (${why})`);
  };
  await clean();
  try {
    return await world.collect(task, (upload) => runThere(upload, task, machine, secrets, world));
  } finally {
    await clean();
  }
}

async function runThere(
  upload: string,
  task: NoopTask,
  machine: NoopMachine,
  secrets: readonly RegExp[],
  world: NoopWorld,
): Promise<ImageCase[]> {
  const failed = (what: string, end: { stderr: string }) => [
    runCase([{ reason: 'no-report', message: reasonText(what, end) }]),
  ];
  const made = await machine.run('install -d -m 700 /var/lib/bakehouse-bake', [], minuteMs);
  if (made.exitCode !== 0) return failed('the server takes no files', made);
  const sent = await machine.send(upload, '/var/lib/bakehouse-bake/upload.tar');
  // The secret for autosign may be in it.
  await world.discard(upload);
  if (sent.exitCode !== 0) return failed('the server takes no files', sent);
  // The script's own patience, ten minutes for cloud-init and for each lock, ends first, with a sentence.
  const ready = await machine.run(await world.script('bootstrap.sh'), [], 35 * minuteMs);
  // An archive of packages that is away, say: the image is none the worse for it.
  if (ready.exitCode !== 0)
    throw new NoopUnavailableError(reasonText('Puppet could not be made ready on the server', ready));
  const mode = task.puppetServer === undefined ? 'apply' : 'agent';
  const script = `export MODE=${mode} NOOP=yes\n${await world.script('puppet.sh')}`;
  const ran = await machine.run(script, [], 60 * minuteMs);
  if (ran.exitCode !== 0) return failed('Puppet could not be run on the server', ran);
  const report = await machine.run('cat /var/lib/bakehouse-bake/report.yaml', [], 5 * minuteMs);
  if (report.exitCode !== 0) return failed('the report of the noop run could not be had', report);
  const code = /^bakehouse: puppet exit code (\d+)$/m.exec(ran.stdout)?.[1];
  const evidence = await world.evidence(report.stdout, ran.stdout);
  const away = serverFailure(evidence);
  if (away !== undefined) throw new NoopUnavailableError(away);
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
