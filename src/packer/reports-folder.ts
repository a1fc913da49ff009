import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { type BakeRecord, BakeRecordError, readBakeRecord } from './bake-record.ts';

/** What earlier bakes and their verify left in a node's folder; a new bake must not be taken for them. */
const ofPuppet = ['puppet-report.yaml', 'puppet-console.log', 'facts.yaml'];
const ofABake = ['packer.log', ...ofPuppet, 'junit.xml', 'verify.json', 'bake.json', 'noop'];

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
    await rm(this.work, { recursive: true, force: true });
    for (const name of ofABake) await rm(join(this.path, name), { recursive: true, force: true });
    await mkdir(this.work, { recursive: true, mode: 0o700 });
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
    await writeFileAtomic(join(this.path, 'bake.json'), `${JSON.stringify(record, null, 2)}\n`);
  }

  /** The log for a person, `packer.log`; that of a second try follows the first one's. */
  log(): WriteStream {
    return createWriteStream(join(this.path, 'packer.log'), { flags: 'a' });
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
    await rm(this.work, { recursive: true, force: true });
    for (const name of ['puppet-report.yaml', 'facts.yaml']) {
      const file = join(this.path, name);
      if ((await stat(file).catch(() => undefined))?.size === 0) await rm(file);
    }
  }
}
