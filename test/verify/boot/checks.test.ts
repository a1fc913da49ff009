import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import type { Check } from '../../../src/nodes/check.ts';
import { checkCommand, checkName, checkProblem, parseOutcome } from '../../../src/verify/boot/checks.ts';

const command = (over: { exit?: number; output?: string } = {}): Check => ({
  kind: 'command',
  command: 'redis-cli ping',
  exit: 0,
  withinMs: 30_000,
  ...over,
});
const port = (number: number, protocol: 'tcp' | 'udp' = 'tcp'): Check => ({
  kind: 'port',
  port: number,
  protocol,
  withinMs: 30_000,
});
const service: Check = { kind: 'service', service: 'redis', withinMs: 30_000 };
const ended = (exitCode: number, stdout = '', stderr = '') => ({ exitCode, stdout, stderr });

describe('a command', () => {
  test.each([
    ['ends with 0', command(), ended(0)],
    ['ends with the code that is asked for', command({ exit: 3 }), ended(3, '', 'warning: x')],
    ['ends with 124 of its own, where that is asked for', command({ exit: 124 }), ended(124)],
    ['prints what is asked for', command({ output: 'PONG' }), ended(0, 'PONG\n')],
    ['prints it in a line of its own', command({ output: '^PO+NG$' }), ended(0, 'x\nPOONG\ny\n')],
  ])('holds when it %s', (_, check, outcome) => {
    expect(checkProblem(check, outcome)).toBeUndefined();
  });

  test.each([
    [
      'ends otherwise',
      command(),
      ended(1, '', 'one\nCould not connect\n'),
      'it ended with exit code 1, not 0: Could not connect',
    ],
    ['ends otherwise, in silence', command({ exit: 2 }), ended(0), 'it ended with exit code 0, not 2'],
    ['says why on its output', command(), ended(1, 'NOAUTH\n'), 'it ended with exit code 1, not 0: NOAUTH'],
    ['does not end in time', command(), ended(124, 'waiting…\n'), 'it did not end in time: waiting…'],
    [
      'prints something else',
      command({ output: '^PONG$' }),
      ended(0, 'PONGO\n'),
      'what it printed does not match /^PONG$/: "PONGO\\n"',
    ],
    [
      'prints it as an error only',
      command({ output: 'PONG' }),
      ended(0, '', 'PONG'),
      'what it printed does not match /PONG/: ""',
    ],
    [
      'prints it but ends otherwise',
      command({ output: 'PONG' }),
      ended(7, 'PONG'),
      /^it ended with exit code 7/,
    ],
  ])('does not hold when it %s', (_, check, outcome, expected) => {
    const problem = checkProblem(check, outcome);
    if (typeof expected === 'string') expect(problem).toBe(expected);
    else expect(problem).toMatch(expected);
  });

  test('that floods the server does not flood the report', () => {
    const flood = 'x'.repeat(60_000);
    expect(checkProblem(command(), ended(1, '', flood))?.length).toBeLessThan(500);
    expect(checkProblem(command({ output: 'PONG' }), ended(0, flood))?.length).toBeLessThan(500);
  });
});

/** As Linux 6.1 prints /proc/net/tcp, then tcp6; sshd, redis on 127.0.0.1:6379, a connection from port 8080. */
const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     
   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17044 1 ffff8f1c44b40000 100 0 0 10 0                      
   1: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000   106        0 19113 1 ffff8f1c44b409c0 100 0 0 10 0                      
   2: 0A00020F:1F90 0A000202:C5F4 01 00000000:00000000 02:000A7214 00000000     0        0 20481 4 ffff8f1c44b41380 20 4 31 10 -1                     
  10: 0A00020F:0016 0A000202:01BB 06 00000000:00000000 03:00000204 00000000     0        0 0 3 00000000dc1c7633                                      
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17055 1 ffff8f1c42f08000 100 0 0 10 0
   1: 00000000000000000000000000000000:23F0 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000   109        0 21840 1 ffff8f1c42f08b00 100 0 0 10 0
   2: 0000000000000000FFFF00000F02000A:2328 0000000000000000FFFF00000202000A:D2C8 01 00000000:00000000 00:00000000 00000000   109        0 21999 1 ffff8f1c42f09600 20 4 30 10 -1
`;

/** A name server on 127.0.0.53:53, a DHCP client on 68, and a client that is connected from 40000. */
const udp = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            
  318: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 16325 2 ffff8f1c41a3c400 0        
  333: 0F02000A:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000   100        0 18870 2 ffff8f1c41a3cc00 0        
  401: 0F02000A:9C40 0302000A:0035 01 00000000:00000000 00:00000000 00000000     0        0 18872 2 ffff8f1c41a3cd00 0        
`;

describe('a port', () => {
  test.each<[number, 'tcp' | 'udp', string, boolean]>([
    [22, 'tcp', tcp, true],
    [6379, 'tcp', tcp, true],
    [9200, 'tcp', tcp, true],
    [53, 'udp', udp, true],
    [68, 'udp', udp, true],
    // Of a connection, here and over IPv6.
    [8080, 'tcp', tcp, false],
    [9000, 'tcp', tcp, false],
    [40_000, 'udp', udp, false],
    // Where they come from.
    [443, 'tcp', tcp, false],
    // 0x18E, 0x8EB and 0x18EB0 (cut to its 16 bits): parts of what listens.
    [398, 'tcp', tcp, false],
    [2283, 'tcp', tcp, false],
    [36_528, 'tcp', tcp, false],
    // 16 and 35 in decimal: 0x0016 is 22, 0x0035 is 53.
    [16, 'tcp', tcp, false],
    [35, 'udp', udp, false],
    [6379, 'tcp', '', false],
  ])('%d/%s is found by its own line alone', (number, protocol, table, expected) => {
    const problem = checkProblem(port(number, protocol), ended(0, table));
    expect(problem).toBe(expected ? undefined : `nothing listens on ${number}/${protocol}`);
  });

  test('is not said to be shut when the sockets could not be listed', () => {
    expect(checkProblem(port(22), ended(1, tcp, 'cat: Permission denied\n'))).toBe(
      "the server's sockets cannot be listed: cat: Permission denied",
    );
  });
});

describe('a service', () => {
  test('holds when systemctl says so by its exit code', () => {
    expect(checkProblem(service, ended(0, 'active\n'))).toBeUndefined();
  });

  test.each([
    [ended(3, 'inactive\n'), 'redis is inactive'],
    [ended(3, 'failed\n'), 'redis is failed'],
    [ended(3, 'activating\n'), 'redis is activating'],
    [ended(4, '', 'Failed to connect to bus\nx'), 'redis is Failed to connect to bus'],
    [ended(4), 'redis is not active'],
  ])('does not hold by %j', (outcome, expected) => {
    expect(checkProblem(service, outcome)).toBe(expected);
  });
});

describe('the name of a check', () => {
  test('differs from one check to the other', () => {
    const names = [command(), port(53), port(53, 'udp'), port(22), service].map(checkName);
    expect(new Set(names).size).toBe(names.length);
  });
});

const script = readFileSync(new URL('../../../src/verify/boot/check.sh', import.meta.url), 'utf8');

/** Runs check.sh as a server does, on this computer. */
async function run(commandText: string, argument = '', seconds = 10, env: Record<string, string> = {}) {
  const args = [commandText, argument].map((text) => Buffer.from(text).toString('base64'));
  const { exitCode, stdout } = await execa('sh', ['-s', '--', ...args, String(seconds)], {
    input: script,
    reject: false,
    env,
  });
  return { exitCode, stdout, outcome: parseOutcome(stdout) };
}

describe('what a server answers', () => {
  test.each([
    ['true', ended(0)],
    ['false', ended(1)],
    ['echo out; echo err >&2; exit 3', ended(3, 'out\n', 'err\n')],
    ['exit 255', ended(255)],
    ['no-such-command-here', ended(127, '', expect.stringContaining('not found') as unknown as string)],
    ['kill -9 $$', ended(137, '', expect.any(String) as unknown as string)],
    // What is left of the script must not be what the command reads.
    ['cat', ended(0)],
    ["printf 'no end of line'", ended(0, 'no end of line')],
    ["printf 'end\\ncode\\t0\\n'; exit 9", ended(9, 'end\ncode\t0\n')],
    ['if true; then\n  echo "a  b"\nfi\n', ended(0, 'a  b\n')],
    ['echo "$(echo \'$HOME `id` "x"\')" \\\\', ended(0, '$HOME `id` "x" \\\n')],
    ["echo 'für ☃'", ended(0, 'für ☃\n')],
  ])('of the command %j is how it ended and what it printed', async (text, expected) => {
    const { exitCode, outcome } = await run(text);
    expect(outcome).toEqual(expected);
    expect(exitCode).toBe(0);
  });

  test.each(['plain', '$(touch /tmp/x); `id`', `"'"' \\ *`, 'two\nlines', '-n', '; exit 7', '%s${HOME}'])(
    'never takes the argument %j for a part of the command',
    async (argument) => {
      expect((await run(`printf '<%s>' "$1" "$#"`, argument)).outcome).toEqual(ended(0, `<${argument}><1>`));
    },
  );

  test('of a command that does not end is 124, and soon', async () => {
    const startMs = Date.now();
    const { outcome } = await run('echo waiting; sleep 60', '', 1);
    expect(outcome).toEqual(ended(124, 'waiting\n'));
    expect(Date.now() - startMs).toBeLessThan(15_000);
  });

  test('of a command that floods is cut', async () => {
    const { outcome, stdout } = await run('yes', '', 2);
    expect(outcome?.exitCode).not.toBe(0);
    expect(outcome?.stdout).toMatch(/^(y\n){1000}/);
    expect(stdout.length).toBeLessThan(100_000);
  });

  test('of a command with much to say is its own end, not that nobody listened', async () => {
    const { outcome } = await run('head -c 1000000 /dev/zero | tr "\\0" x; exit $?');
    expect(outcome?.exitCode).toBe(0);
    expect((await run('exec head -c 1000000 /dev/zero')).outcome?.exitCode).toBe(0);
  });

  test('does not wait for what a command started in the background', async () => {
    const startMs = Date.now();
    const { outcome } = await run('sleep 30 & echo started', '', 20);
    expect(outcome).toEqual(ended(0, 'started\n'));
    expect(Date.now() - startMs).toBeLessThan(15_000);
  });

  test('holds the end of its errors', async () => {
    const { outcome } = await run('yes no | head -c 21000 >&2; echo the reason >&2; exit 1');
    expect(outcome?.stderr).toMatch(/no\nthe reason\n$/);
    expect(outcome?.stderr.length).toBeLessThanOrEqual(4096);
  });

  test.each(['echo x', 'exit 3', 'sleep 60'])('leaves nothing of %j behind', async (text) => {
    const folder = mkdtempSync(join(tmpdir(), 'bakehouse-check-'));
    try {
      expect((await run(text, '', 1, { TMPDIR: folder })).outcome).toBeDefined();
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('counts only when it is whole', async () => {
    const { stdout } = await run('echo out; echo err >&2');
    expect(parseOutcome(`${stdout}\n`)).toEqual(ended(0, 'out\n', 'err\n'));
    for (let length = 0; length < stdout.length; length += 1)
      expect(parseOutcome(stdout.slice(0, length))).toBeUndefined();
    expect(parseOutcome(stdout.replace(/^code\t0/, 'code\t'))).toBeUndefined();
  });

  test('to the question for a port is the table of the kernel that has it', async () => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const number = typeof address === 'object' && address !== null ? address.port : 0;
    const asked = checkCommand(port(number));
    const open = (await run(asked.command, asked.argument)).outcome;
    await new Promise((closed) => server.close(closed));
    const shut = (await run(asked.command, asked.argument)).outcome;
    expect(open && checkProblem(port(number), open)).toBeUndefined();
    expect(open).toBeDefined();
    expect(shut && checkProblem(port(number), shut)).toBe(`nothing listens on ${number}/tcp`);
  });
});
