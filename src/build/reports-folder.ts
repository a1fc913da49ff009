import { createWriteStream, type WriteStream } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { reportsAdvice } from '../cli/shared-flags.ts';
import { orFileError, writeJsonFile } from '../lib/json-file.ts';
import {
  type BakeRecord,
  BakeRecordError,
  puppetFiles,
  readBakeRecord,
  removeReports,
} from './bake-record.ts';

/** `reports/<node>/`: what is kept of the node's newest bake. */
export class ReportsFolder {
  readonly path: string;
  /** Files that only the running bake needs. */
  readonly work: string;
  /** The file that lists what of the environment is uploaded. */
  readonly uploadList: string;
  readonly #reports: string;
  readonly #node: string;

  constructor(reports: string, node: string) {
    this.#reports = reports;
    this.#node = node;
    this.path = resolve(reports, node);
    this.work = join(this.path, '.work');
    this.uploadList = join(this.work, 'environment.files');
  }

  /** The record of the bake before; undefined when there is none that can be read. */
  async earlier(): Promise<BakeRecord | undefined> {
    return readBakeRecord(this.#reports, this.#node).catch((error: unknown) => {
      if (error instanceof BakeRecordError) return undefined;
      throw error;
    });
  }

  /** Empties the folder of earlier bakes and makes the working folder of a new one. */
  async begin(): Promise<void> {
    await orFileError(this.path, reportsAdvice, async () => {
      await rm(this.work, { recursive: true, force: true });
      await removeReports(this.path);
      await mkdir(this.work, { recursive: true, mode: 0o700 });
    });
  }

  /** Removes what the first try left of Puppet's run, so that the second is not judged by it. */
  async retry(): Promise<void> {
    for (const name of [...puppetFiles, 'contents.txt']) await rm(join(this.path, name), { force: true });
  }

  async write(record: BakeRecord): Promise<void> {
    await writeJsonFile(join(this.path, 'bake.json'), record, reportsAdvice);
  }

  /** The log for a person, `packer.log`; that of a second try follows the first one's. */
  log(): WriteStream {
    return createWriteStream(join(this.path, 'packer.log'), { flags: 'a' });
  }

  /** Moves the crash.log here that a Packer of this bake has written to `from` since then; an older one is another bake's. */
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

  /** What the machine listed of its contents; undefined: the pack, a team's own, does not fetch it. */
  async listing(): Promise<string | undefined> {
    return readFile(join(this.path, 'contents.txt'), 'utf8').catch(() => undefined);
  }

  /** The exit code that puppet.sh wrote as the console output's last line; undefined when Puppet did not get there. */
  async puppetExitCode(): Promise<number | undefined> {
    const text = await this.console();
    const code = /^bakehouse: puppet exit code (\d+)$/.exec(text.trimEnd().split('\n').at(-1) ?? '')?.[1];
    return code === undefined ? undefined : Number(code);
  }

  /** Removes what only the running bake needed, and a report or facts that are empty since they were never written. */
  async end(): Promise<void> {
    await orFileError(this.path, reportsAdvice, async () => {
      await rm(this.work, { recursive: true, force: true });
      await rm(join(this.path, 'contents.txt'), { force: true });
      for (const name of ['puppet-report.yaml', 'facts.yaml']) {
        const file = join(this.path, name);
        if ((await stat(file).catch(() => undefined))?.size === 0) await rm(file);
      }
    });
  }
}
