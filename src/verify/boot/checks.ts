import type { Check } from '../../nodes/check.ts';
import type { ImageCase } from '../verdict.ts';
import type { Clock } from './enter-server.ts';
import type { SshSession } from './ssh-session.ts';

/** A command may not take longer; another try begins when it does, as long as the check has time. */
const tryMs = 60_000;

/** What running checks needs. */
export interface CheckRunDeps {
  clock: Clock;
  /** The text of check.sh. */
  script: string;
}

/** Runs a node's checks on a server, each until it holds or its time is up. Returns a case for each. */
export async function runChecks(
  checks: readonly Check[],
  session: SshSession,
  signal: AbortSignal,
  deps: CheckRunDeps,
): Promise<ImageCase[]> {
  const cases: ImageCase[] = [];
  for (const check of checks) {
    const problem = await problemOf(check, session, signal, deps);
    cases.push({ name: checkName(check), group: 'Check', problems: problem === undefined ? [] : [problem] });
  }
  return cases;
}

async function problemOf(
  check: Check,
  session: SshSession,
  signal: AbortSignal,
  deps: CheckRunDeps,
): Promise<string | undefined> {
  const { clock } = deps;
  const deadline = clock.now() + check.withinMs;
  for (;;) {
    const problem = await oneTry(check, session, Math.max(1_000, deadline - clock.now()), deps);
    if (problem === undefined) return undefined;
    if (signal.aborted) return 'interrupted';
    if (clock.now() + 1_000 >= deadline) return `${problem} (tried for ${check.withinMs / 1_000} s)`;
    await clock.pause(1_000);
  }
}

async function oneTry(
  check: Check,
  session: SshSession,
  leftMs: number,
  deps: CheckRunDeps,
): Promise<string | undefined> {
  const limitMs = Math.min(leftMs, tryMs);
  const { command, argument } = checkCommand(check);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const args = [base64(command), base64(argument), String(Math.ceil(limitMs / 1_000))];
  const end = await session.run(deps.script, args, limitMs + 10_000);
  const outcome = end.exitCode === 0 ? parseOutcome(end.stdout) : undefined;
  if (outcome !== undefined) return checkProblem(check, outcome);
  const said = end.stderr.trim().split('\n').at(-1) ?? '';
  return `it could not be tried: ${said === '' ? 'its answer is cut off' : said}`;
}

/** How a check's command ended on a server. */
export interface CheckOutcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** The name of a check's test case: the same for every run. */
export function checkName(check: Check): string {
  if (check.kind === 'command') return `\`${check.command}\` does as it should`;
  return check.kind === 'port'
    ? `listens on ${check.port}/${check.protocol}`
    : `service ${check.service} is active`;
}

/** What a server runs for a check: a command for sh, and what that gets as `$1`. */
export function checkCommand(check: Check): { command: string; argument: string } {
  if (check.kind === 'command') return { command: check.command, argument: '-' };
  if (check.kind === 'service') return { command: 'systemctl is-active -- "$1"', argument: check.service };
  return { command: listTable, argument: check.protocol };
}

/**
 * Prints a protocol's sockets of states 0A and 07 in the kernel's own tables: on a small image neither ss nor netstat
 * need be there. Without IPv6 there is one table only.
 */
const listTable = `for table in "/proc/net/$1" "/proc/net/\${1}6"; do
  if [ -e "$table" ]; then sed -n '/^ *[0-9]*: [0-9A-F:]* [0-9A-F:]* 0[A7] /p' "$table" || exit; fi
done
[ -e "/proc/net/$1" ]`;

/** Reads what check.sh printed; undefined when it is not whole. */
export function parseOutcome(output: string): CheckOutcome | undefined {
  const [code = '', out = '', err = '', end] = output.trimEnd().split('\n');
  const exitCode = /^code\t(\d+)$/.exec(code)?.[1];
  if (exitCode === undefined || end !== 'end') return undefined;
  const text = (line: string) => Buffer.from(line.slice(line.indexOf('\t') + 1), 'base64').toString();
  return { exitCode: Number(exitCode), stdout: text(out), stderr: text(err) };
}

/** Why a check does not hold; undefined: it does. */
export function checkProblem(check: Check, { exitCode, stdout, stderr }: CheckOutcome): string | undefined {
  if (check.kind === 'service') {
    return exitCode === 0
      ? undefined
      : `${check.service} is ${firstLine(stdout) || firstLine(stderr) || 'not active'}`;
  }
  if (check.kind === 'port') {
    if (exitCode !== 0) return `the server's sockets cannot be listed: ${firstLine(stderr)}`;
    return listens(stdout, check) ? undefined : `nothing listens on ${check.port}/${check.protocol}`;
  }
  const printed = lastLine(stderr) || lastLine(stdout);
  // 124 is timeout's own, 137 also that of a command that it had to kill.
  if (exitCode === 137 && check.exit !== 137) return `it was killed, or did not end in time${after(printed)}`;
  if (exitCode === 124 && check.exit !== 124) return `it did not end in time${after(printed)}`;
  if (exitCode !== check.exit)
    return `it ended with exit code ${exitCode}, not ${check.exit}${after(printed)}`;
  if (check.output === undefined || new RegExp(check.output, 'm').test(stdout)) return undefined;
  return `what it printed does not match /${check.output}/: ${JSON.stringify(stdout.slice(0, 200))}`;
}

/** In /proc/net/tcp (proc(5)): local address and port in hexadecimal, state 0A is LISTEN, 07 an unconnected UDP socket. */
function listens(table: string, { port, protocol }: { port: number; protocol: 'tcp' | 'udp' }): boolean {
  const state = protocol === 'tcp' ? '0A' : '07';
  return table.split('\n').some((line) => {
    const [, local = '', , found] = line.trim().split(/\s+/);
    return found === state && Number.parseInt(local.split(':')[1] ?? '', 16) === port;
  });
}

function after(printed: string): string {
  return printed === '' ? '' : `: ${printed}`;
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}

function lastLine(text: string): string {
  return (text.trim().split('\n').at(-1) ?? '').slice(0, 300);
}
