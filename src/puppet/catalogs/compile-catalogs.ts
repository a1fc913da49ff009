import { resolve } from 'node:path';
import { compilationOf, descriptionOf } from './compiler-answer.ts';
import type { Compilation, CompileOrder, EnvironmentDescription } from './compilation.ts';
import { CompilerProcess, type CompilerStart, type NoAnswer } from './compiler-process.ts';
import { installedPuppet } from './find-ruby.ts';

export interface CompilerOptions {
  /** The Puppet environment's folder. */
  manifests: string;
  /** Ruby processes at the same time. */
  workers: number;
  /** The longest that one catalog may take, ms. */
  timeLimitMs: number;
  /** For the hashes that stand for secrets. */
  sensitiveKey: Buffer;
  /** A process that holds more memory is replaced after its catalog. */
  maxBytes?: number;
  signal: AbortSignal;
}

export interface CompiledCatalogs {
  /** In the orders' order. */
  compilations: Compilation[];
  environment: EnvironmentDescription;
}

/** Half a gigabyte: Puppet with a large environment holds a fifth of it. */
const defaultMaxBytes = 512 * 1024 ** 2;

interface Task {
  order: CompileOrder | { describe: true };
  /** Once more after its process was killed: that may have been meant for another. */
  again: boolean;
  done: (answer: Record<string, unknown> | NoAnswer) => void;
}

/**
 * Compiles the catalogs of one environment, whose orders all name the same Puppet environment; a compilation that fails
 * is a result like others.
 * @throws CompilerError when no catalog can be compiled; the signal's reason when it is aborted.
 */
export async function compileCatalogs(
  orders: CompileOrder[],
  options: CompilerOptions,
  onEach: (compilation: Compilation) => void = () => {
    // Nobody follows.
  },
): Promise<CompiledCatalogs> {
  options.signal.throwIfAborted();
  const { sensitiveKey } = options;
  const manifests = resolve(options.manifests);
  const environment = orders[0]?.environment ?? 'production';
  const start = { ruby: installedPuppet(), manifests, environment, sensitiveKey };
  const compilations: Compilation[] = [];
  let description: EnvironmentDescription | undefined;
  const tasks: Task[] = [
    {
      order: { describe: true },
      again: true,
      done: (answer) => {
        description = descriptionOf(answer);
      },
    },
    ...orders.map((order, index) => ({
      order,
      again: true,
      done: (answer: Record<string, unknown> | NoAnswer) => {
        const compilation = compilationOf(order, answer, options.timeLimitMs);
        compilations[index] = compilation;
        onEach(compilation);
      },
    })),
  ];
  await workOff(tasks, start, options);
  if (description === undefined) throw new Error('the environment was not described');
  return { compilations, environment: description };
}

/** Several processes take tasks from one list until none is left. When one of them fails, all end. */
async function workOff(tasks: Task[], start: CompilerStart, options: CompilerOptions): Promise<void> {
  const running = new Set<CompilerProcess>();
  const count = Math.max(1, Math.min(options.workers, tasks.length));
  let stopped = false;
  const workers = Array.from({ length: count }, () => work(tasks, start, options, running, () => stopped));
  const stop = () => {
    stopped = true;
    for (const compiler of running) compiler.kill();
  };
  options.signal.addEventListener('abort', stop);
  try {
    await Promise.all(workers);
  } finally {
    options.signal.removeEventListener('abort', stop);
    stop();
    await Promise.allSettled(workers);
    // A compiler that was stopped while it started fails, too, which is not why there are no catalogs.
    options.signal.throwIfAborted();
  }
}

async function work(
  tasks: Task[],
  start: CompilerStart,
  options: CompilerOptions,
  running: Set<CompilerProcess>,
  stopped: () => boolean,
): Promise<void> {
  let compiler: CompilerProcess | undefined;
  for (let task = tasks.shift(); task !== undefined && !stopped(); task = tasks.shift()) {
    compiler ??= await CompilerProcess.start(start, running);
    const answer = await compiler.ask(task.order, options.timeLimitMs);
    if (stopped()) return;
    if (typeof answer === 'string' || Number(answer.rss) > (options.maxBytes ?? defaultMaxBytes)) {
      compiler.kill();
      compiler = undefined;
    }
    if (answer === 'killed' && task.again) tasks.unshift({ ...task, again: false });
    else task.done(answer);
  }
  compiler?.kill();
}
