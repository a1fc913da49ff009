import { createWriteStream, type WriteStream } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { type BakeRecord, BakeRecordError, readBakeRecord } from './bake-record.ts';

/** What earlier bakes and their verify left in a node's folder; a new bake must not be taken for them. */
const ofPuppet = ['puppet-report.yaml', 'puppet-console.log', 'facts.yaml'];
const ofABake = ['packer.log', 'crash.log', ...ofPuppet, 'junit.xml', 'verify.json', 'bake.json', 'noop'];

/** The reports cannot be written: the disk is full (exit 4), or the folder is not ours (exit 2). */
class ReportsError extends Error {
  readonly exitCode: number;

  constructor(path: string, code: string, diskFull: boolean) {
    super(`${path} cannot be written (${code})${diskFull ? ": this computer's disk is full" : ''}`);
    this.exitCode = diskFull ? 4 : 2;
  }
}

/** `reports/<node>/`: what is kept of the node's newest bake. */
export class ReportsFolder {
  readonly path: string;
  /** For what only Packer needs while it runs. */
  readonly work: string;
  readonly #reports: string;
  readonly #node: string;

  constructor(reports: string, node: string) {
    this.#reports = reports;
    this.#node = node;
    this.path = resolve(reports, node);
    this.work = join(this.path, '.work');
  }

  /** The record of the bake before; undefined when there is none that can be read. */
  async earlier(): Promise<BakeRecord | undefined> {
    return readBakeRecord(this.#reports, this.#node).catch((error: unknown) => {
      if (error instanceof BakeRecordError) return undefined;
      throw error;
    });
  }

  /** Empties the folder of earlier bakes and makes room for a new one. */
  async begin(): Promise<void> {
    await orReportsError(this.path, async () => {
      await rm(this.work, { recursive: true, force: true });
      for (const name of ofABake) await rm(join(this.path, name), { recursive: true, force: true });
      await mkdir(this.work, { recursive: true, mode: 0o700 });
    });
  }

  /** Takes away all of earlier bakes but their record, by which the next bake finds what they left running. */
  async forget(): Promise<void> {
    for (const name of ofABake)
      if (name !== 'bake.json') await rm(join(this.path, name), { recursive: true, force: true });
  }

  /** Takes away what the last try left of Puppet's run: the next one must not be judged by it. */
  async again(): Promise<void> {
    for (const name of ofPuppet) await rm(join(this.path, name), { force: true });
  }

  async write(record: BakeRecord): Promise<void> {
    const file = join(this.path, 'bake.json');
    await orReportsError(file, () => writeFileAtomic(file, `${JSON.stringify(record, null, 2)}\n`));
  }

  /** The log for a person, `packer.log`; that of a second try follows the first one's. */
  log(): WriteStream {
    return createWriteStream(join(this.path, 'packer.log'), { flags: 'a' });
  }

  /** Takes in what a Packer that crashed has left in its working folder since then; only that may be of this bake. */
  async keepCrashLog(from: string, since: Date): Promise<void> {
    const left = join(from, 'crash.log');
    const stats = await stat(left).catch(() => undefined);
    if (stats === undefined || stats.mtimeMs < since.getTime()) return;
    const kept = join(this.path, 'crash.log');
    await copyFile(left, kept);
    // It is Packer's whole debug log.
    await chmod(kept, 0o600);
    await rm(left, { force: true });
  }

  /** What Puppet printed in the bake; empty when that is not there. */
  async console(): Promise<string> {
    return readFile(join(this.path, 'puppet-console.log'), 'utf8').catch(() => '');
  }

  /** The exit code that puppet.sh wrote as the console output's last line; undefined when Puppet did not get there. */
  async puppetExitCode(): Promise<number | undefined> {
    const text = await this.console();
    const code = /^bakehouse: puppet exit code (\d+)$/.exec(text.trimEnd().split('\n').at(-1) ?? '')?.[1];
    return code === undefined ? undefined : Number(code);
  }

  /** Takes away what only the running bake needed, and a report or facts that were never written (they come back empty). */
  async end(): Promise<void> {
    await orReportsError(this.path, async () => {
      await rm(this.work, { recursive: true, force: true });
      for (const name of ['puppet-report.yaml', 'facts.yaml']) {
        const file = join(this.path, name);
        if ((await stat(file).catch(() => undefined))?.size === 0) await rm(file);
      }
    });
  }
}

async function orReportsError(path: string, what: () => Promise<unknown>): Promise<void> {
  try {
    await what();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new ReportsError(path, code, isDiskFull(error));
  }
}

/** Whether an error of the system says that a disk takes no more; it may later. */
function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EIO'].includes(String((error as NodeJS.ErrnoException | undefined)?.code));
}
