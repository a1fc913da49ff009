import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { exitCode, StageError } from '../../lib/errors.ts';
import type { Puppet } from './installed-puppet.ts';

const script = fileURLToPath(new URL('compiler/compile.rb', import.meta.url));

/** Loading Puppet takes a second. */
const startLimitMs = 60_000;

/** What is said of an error of Ruby's own. */
const errorLength = 4_000;

/** What a compiler is started with. */
export interface CompilerStart extends Puppet {
  /** The environment's folder. */
  manifests: string;
  environment: string;
  sensitiveKey: Buffer;
}

/** Why there was no answer: it took too long, or the process ended. */
export type NoAnswer = 'time-limit' | 'killed';

type RubyProcess = Awaited<ReturnType<typeof startRuby>>;

async function startRuby({ ruby, library }: Puppet) {
  const { execa } = await import('execa');
  // setpriv is util-linux', which every Linux has; elsewhere the end of stdin has to do.
  const guard = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL'] : ['env'];
  const [command, ...args] = [...guard, ruby, '-W0', '-I', library, script];
  // Nothing of our own environment decides a catalog, and no secret in it is within a manifest's reach.
  const { pid, stdin, stdout, stderr } = execa(command, args, {
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      HOME: '/',
    },
    extendEnv: false,
    stdin: 'pipe',
    buffer: false,
    detached: true,
    reject: false,
  });
  return { pid, stdin, stdout, stderr };
}

/** A warm Ruby that compiles one catalog after the other. It ends with its stdin, and with us, however we end. */
export class CompilerProcess {
  private readonly child: RubyProcess;
  private readonly answers: Lines;
  private errors = '';

  private readonly running: Set<CompilerProcess>;

  private constructor(child: RubyProcess, running: Set<CompilerProcess>) {
    this.running = running;
    this.child = child;
    this.answers = linesOf(child.stdout);
    child.stdin.on('error', () => {
      // It has ended: the answer that never comes says so.
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-errorLength);
    });
  }

  /**
   * @throws StageError (exit code 2) when the environment cannot be compiled for any node, (4) when Puppet does not
   * start. `running` holds the process for as long as it runs.
   */
  static async start(start: CompilerStart, running: Set<CompilerProcess>): Promise<CompilerProcess> {
    const { ruby, library, manifests, environment, sensitiveKey } = start;
    const started = new CompilerProcess(await startRuby(start), running);
    running.add(started);
    const options = { manifests, environment, sensitiveKey: sensitiveKey.toString('base64') };
    const answer = await started.ask(options, startLimitMs);
    if (typeof answer === 'string' || 'broken' in answer) started.kill();
    if (answer === 'time-limit') {
      throw new StageError(
        `Puppet has not started within ${startLimitMs / 1000} s: try ${ruby} -I ${library} -r puppet.`,
        exitCode.unavailable,
      );
    }
    if (answer === 'killed')
      throw new StageError(`Puppet cannot be started: ${started.lastError()}`, exitCode.unavailable);
    if (typeof answer.broken === 'string') {
      throw answer.badInput === true
        ? new StageError(answer.broken, exitCode.badInput)
        : new StageError(`Puppet cannot be started: ${answer.broken}`, exitCode.unavailable);
    }
    return started;
  }

  /** One question, one answer. Without one, the process is gone. */
  async ask(question: object, limitMs: number): Promise<Record<string, unknown> | NoAnswer> {
    this.child.stdin.write(`${JSON.stringify(question)}\n`);
    const line = await this.answers.next(limitMs);
    if (line === 'late') {
      this.kill();
      return 'time-limit';
    }
    if (line === 'ended') {
      this.kill();
      return 'killed';
    }
    return JSON.parse(line.toString('utf8')) as Record<string, unknown>;
  }

  /** With what a manifest has started, unless that left its group. */
  kill(): void {
    this.running.delete(this);
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }

  private lastError(): string {
    const last = this.errors.trim().split('\n').at(-1) ?? '';
    return last === '' ? 'it ended without a word' : last;
  }
}

/** The lines that a process writes, asked for one after the other. */
interface Lines {
  /** The next line; `late` after so many ms without one, `ended` when there will be none. */
  next: (limitMs: number) => Promise<Buffer | 'late' | 'ended'>;
}

/**
 * Lines of any length, split at `\n` only (readline also splits at U+2028, which JSON may hold), and put together once,
 * not with each piece that comes.
 */
function linesOf(output: Readable): Lines {
  const lines: Buffer[] = [];
  let pieces: Buffer[] = [];
  let ended = false;
  let wake = () => {
    // Nobody waits yet.
  };
  const end = () => {
    ended = true;
    wake();
  };
  output.on('data', (data: Buffer) => {
    let rest = data;
    for (let at = rest.indexOf(10); at !== -1; at = rest.indexOf(10)) {
      lines.push(Buffer.concat([...pieces, rest.subarray(0, at)]));
      pieces = [];
      rest = rest.subarray(at + 1);
    }
    if (rest.length > 0) pieces.push(rest);
    wake();
  });
  output.once('close', end);
  return {
    async next(limitMs) {
      const late = Date.now() + limitMs;
      for (;;) {
        const line = lines.shift();
        if (line !== undefined) return line;
        if (ended) return 'ended';
        const left = late - Date.now();
        if (left <= 0) return 'late';
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, left);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
  };
}
