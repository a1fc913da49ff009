import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { EC2Client } from '@aws-sdk/client-ec2';
import { root, stageArguments, unref } from '../cli/stage-process.ts';

/** A local cloud that runs as a process of its own, as `npm run local-cloud` starts it. */
export interface CloudUnderTest {
  readonly state: string;
  /** The environment of a client: what the cloud printed, and of the rest only what finds programs. */
  readonly env: Record<string, string>;
  readonly ec2: EC2Client;
  readonly stderr: () => string;
  /** The server's process, which its lock names. */
  readonly pid: number;
  /** Stops it as a service manager would; answers the exit code. */
  readonly stop: () => Promise<number>;
  readonly kill: () => Promise<number>;
}

/** A state folder as a person makes it, readable for all; it is removed by `removeState`. */
export function newState(): string {
  const folder = mkdtempSync('/tmp/local-cloud-test-');
  chmodSync(folder, 0o755);
  return folder;
}

export function removeState(state: string): void {
  rmSync(state, { recursive: true, force: true });
}

/** Starts the entrypoint with any flags, and waits until it serves or ends. */
export async function startLocalCloud(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{
  lines: string[];
  stderr: () => string;
  ended: Promise<number>;
  signal: (name: NodeJS.Signals) => void;
}> {
  // Ends with jest, also when a test has failed before it could stop its cloud.
  const guarded = ['--pdeathsig', 'TERM', process.execPath, ...stageArguments('local-cloud/local-cloud')];
  const child = spawn('setpriv', [...guarded, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number>((resolve) => {
    // Not 'exit', after which the last of what it said may still be on its way.
    child.once('close', (code, signal) => {
      resolve(code ?? (signal === 'SIGKILL' ? 137 : 143));
    });
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.startsWith('export AWS_DATA_PATH=')) break;
  }
  child.stdout.resume();
  unref(child);
  return { lines, stderr: () => stderr, ended, signal: (name) => void child.kill(name) };
}

/** Starts a cloud on `state` and a free port. */
export async function startCloud(
  state: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<CloudUnderTest> {
  const args = ['--state', state, '--port', '0', '--verbose'];
  const { lines, stderr, ended, signal } = await startLocalCloud(args, settings);
  const exports = lines.map((line) => line.replace('export ', '').split('=') as [string, string]);
  if (exports.length === 0) throw new Error(`the cloud did not start: ${stderr()}`);
  const env = { PATH: process.env.PATH ?? '', HOME: '/proc/nobody', ...Object.fromEntries(exports) };
  const pid = (JSON.parse(readFileSync(join(state, 'lock'), 'utf8')) as { pid: number }).pid;
  return {
    state,
    env,
    ec2: clientOf(env, state, 'default'),
    stderr,
    pid,
    stop: () => {
      signal('SIGTERM');
      return ended;
    },
    kill: async () => {
      process.kill(pid, 'SIGKILL');
      return ended;
    },
  };
}

/** What a client with the keys of one of the cloud's profiles is made with. */
export function settingsOf(
  env: Record<string, string>,
  state: string,
  profile: 'default' | 'readonly',
  region = 'us-east-1',
) {
  const text = readFileSync(join(state, 'aws/credentials'), 'utf8');
  const section = text.slice(text.indexOf(`[${profile}]`));
  const value = (name: string) => new RegExp(`^${name} = (.*)$`, 'm').exec(section)?.[1] ?? '';
  return {
    region,
    endpoint: env.AWS_ENDPOINT_URL ?? '',
    credentials: { accessKeyId: value('aws_access_key_id'), secretAccessKey: value('aws_secret_access_key') },
    maxAttempts: 1,
  };
}

/** An EC2 client with the keys of one of the cloud's profiles. */
export function clientOf(...of: Parameters<typeof settingsOf>): EC2Client {
  return new EC2Client(settingsOf(...of));
}

/** Asks again and again until the answer is not undefined. Throws after `timeoutMs`. */
export async function eventually<T>(ask: () => Promise<T | undefined>, timeoutMs = 20_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`still not so after ${timeoutMs / 1000} s: ${ask.toString()}`);
    await sleep(100);
  }
}
