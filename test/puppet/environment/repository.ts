import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A real git repository in a temporary folder. */
export class Repository {
  readonly path = mkdtempSync(join(tmpdir(), 'environment-'));

  constructor(...init: string[]) {
    this.git('init', '-q', '-b', 'main', ...init);
  }

  git(...args: string[]): string {
    const who = ['AUTHOR', 'COMMITTER'].flatMap((role) => [
      [`GIT_${role}_NAME`, 'A'],
      [`GIT_${role}_EMAIL`, 'a@example.com'],
    ]);
    // Nothing of the machine's own settings.
    const own = { PATH: process.env.PATH, HOME: this.path, GIT_CONFIG_NOSYSTEM: '1' };
    const env = { ...own, ...Object.fromEntries(who) } as NodeJS.ProcessEnv;
    return execFileSync('git', ['-C', this.path, ...args], { encoding: 'utf8', env, stdio: 'pipe' }).trim();
  }

  write(files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, name)), { recursive: true });
      writeFileSync(join(this.path, name), text);
    }
  }

  /** Adds all and commits; the commit's id. */
  commit(files: Record<string, string> = {}): string {
    this.write(files);
    this.git('add', '-A');
    this.git('commit', '-q', '--allow-empty', '-m', 'x');
    return this.git('rev-parse', 'HEAD');
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
