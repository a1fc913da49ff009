import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { endProcesses, markOf } from '../../../src/local-cloud/machines/processes.ts';
import { identify, isAlive, type ProcessIdentity } from '../../../src/local-cloud/state/process-id.ts';

/** No other run of these tests has it. */
const machines = `/nowhere/${process.pid}`;
const started: ProcessIdentity[] = [];
afterAll(() => {
  for (const { pid } of started.filter(isAlive)) process.kill(pid, 'SIGKILL');
});

/** A process that sleeps, with the command line and the environment of one of a machine's. */
async function asleep(args: string[], env: Record<string, string> = {}): Promise<ProcessIdentity> {
  const program = "process.stdout.write('.'); setInterval(() => undefined, 1000)";
  const child = spawn(process.execPath, ['-e', program, '--', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const found = identify(child.pid ?? 0);
  if (found === undefined) throw new Error('it has ended');
  started.push(found);
  return found;
}

const initOf = (folder: string) => asleep([], { BAKEHOUSE_MACHINE: `${machines}/${folder}/` });
const nspawnOf = (folder: string) => asleep(['systemd-nspawn', '--boot', markOf(`${machines}/${folder}`)]);

describe('the processes of the machines', () => {
  test('an init whose nspawn is gone ends at once', async () => {
    const init = await initOf('a/i-1');
    await endProcesses(`${machines}/a`, 60_000);
    expect(isAlive(init)).toBe(false);
  });

  test('an nspawn has its time, and ends with its init after it', async () => {
    const both = [await initOf('b/i-1'), await nspawnOf('b/i-1')];
    const end = endProcesses(`${machines}/b`, 1000);
    await sleep(300);
    expect(both.map(isAlive)).toEqual([true, true]);
    await end;
    expect(both.map(isAlive)).toEqual([false, false]);
  });

  test('those of another folder go on, also of one whose name begins the same', async () => {
    const others = [
      await initOf('cc/i-1'),
      await nspawnOf('cc/i-1'),
      await asleep(['systemd-nspawn', `--directory=${machines}/c/i-1`]),
      await asleep(['less', markOf(`${machines}/c/i-1`)]),
      await asleep([], { SOME_MACHINE: `${machines}/c/i-1/` }),
    ];
    await endProcesses(`${machines}/c`, 0);
    expect(others.map(isAlive)).toEqual(others.map(() => true));
  });
});
