import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runPacker } from '../../src/build/packer-process.ts';

let folder = '';
const path = process.env.PATH ?? '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'packer process '));
  process.env.PATH = `${folder}${delimiter}${path}`;
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

/** A stand-in for Packer, in its place on PATH: a shell script. */
function packer(script: string): void {
  writeFileSync(join(folder, 'packer'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'packer'), 0o755);
}

async function run(signal: AbortSignal, graceMs = 5_000) {
  const lines: string[] = [];
  const end = await runPacker({
    args: ['build', '-var', 'x=$(touch hacked) "\''],
    rawLog: join(folder, 'raw.log'),
    signal,
    graceMs: () => graceMs,
    onLine: (line) => lines.push(line),
  });
  return { end, lines };
}

/** Gone, or dead and not yet reaped by whoever inherited it. */
function isGone(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || readFileSync(stat, 'utf8').includes(' Z ');
}

const never = new AbortController().signal;

describe('Packer as a process', () => {
  test('gets its arguments as they are, and every line of its output is seen, also a last one that has no end', async () => {
    packer('printf "%s\\n" "$@"; echo oops >&2; printf "no end"; exit 3');
    const { end, lines } = await run(never);
    expect(end).toEqual({ exitCode: 3, killed: false });
    expect(lines).toEqual(['build', '-var', 'x=$(touch hacked) "\'', 'oops', 'no end']);
  });

  test('gets one SIGTERM, and is waited for', async () => {
    packer('trap "echo asked; sleep 0.3; echo cleaned; exit 1" TERM; echo up; while :; do sleep 0.05; done');
    const stop = new AbortController();
    setTimeout(() => {
      stop.abort();
    }, 500);
    const { end, lines } = await run(stop.signal);
    expect(end).toEqual({ exitCode: 1, killed: false });
    expect(lines).toEqual(['up', 'asked', 'cleaned']);
  });

  test('is killed with all its children when it does not end in time', async () => {
    packer(`trap "" TERM; sleep 300 & echo $! > '${join(folder, 'child')}'; while :; do sleep 0.05; done`);
    const stop = new AbortController();
    setTimeout(() => {
      stop.abort();
    }, 500);
    const { end } = await run(stop.signal, 300);
    expect(end).toEqual({ exitCode: undefined, killed: true });
    const child = Number(readFileSync(join(folder, 'child'), 'utf8'));
    await sleep(100);
    expect(isGone(child)).toBe(true);
  });

  test('that is not there is one sentence', async () => {
    process.env.PATH = folder;
    await expect(run(never)).rejects.toMatchObject({ exitCode: 4 });
  });
});
