import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { root, stageArguments } from '../cli/stage-process.ts';

/** A stage as one single process (no wrapper of tsx's around it), so that a signal reaches just it. */
export class StageProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stderr = '';
  stdout = '';

  constructor(name: string, args: string[], env: Record<string, string>, cwd = root) {
    this.child = spawn(process.execPath, [...stageArguments(name), ...args], {
      cwd,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, CI: 'true', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (data: Buffer) => (this.stdout += data.toString()));
    this.child.stderr?.on('data', (data: Buffer) => (this.stderr += data.toString()));
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        resolve({ code, signal });
      });
    });
  }

  /** Waits until stderr has the text; throws with all of it when the process ends before, or after `limitMs`. */
  async says(text: string, limitMs = 90_000): Promise<void> {
    const over = Date.now() + limitMs;
    while (!this.stderr.includes(text)) {
      if (this.child.exitCode !== null || Date.now() > over) {
        throw new Error(
          `'${text}' was not said (exit code ${String(this.child.exitCode)}):\n${this.stderr}${this.stdout}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Makes a pack one that makes, and tags, all that any pack does; only what runs on the machine is short. */
export function withoutPuppet(file: string): void {
  const pack = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...pack, provisioners: [{ type: 'shell', inline: ['true'] }] }));
}
