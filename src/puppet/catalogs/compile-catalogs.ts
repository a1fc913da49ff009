import { resolve } from 'node:path';
import { exitCode, StageError } from '../../lib/errors.ts';
import type { Catalog } from './catalog.ts';
import type {
  Compilation,
  Compiled,
  CompileRequest,
  CompileProblem,
  EnvironmentDescription,
} from './compilation.ts';
import { installedPuppet, type Puppet } from './installed-puppet.ts';
import { CompilerProcess, type CompilerStart, type NoAnswer } from './compiler-process.ts';

export interface CompilerOptions {
  /** Default: this computer's. */
  puppet?: Puppet;
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
  /** One for each request, in the same sequence. */
  compilations: Compilation[];
  environment: EnvironmentDescription;
}

/** Half a gigabyte: Puppet with a large environment holds a fifth of it. */
const defaultMaxBytes = 512 * 1024 ** 2;

/** A process takes a second of a processor to start, a catalog some tenths: for fewer, another one costs more than it saves. */
const tasksOfProcess = 4;

interface Task {
  request: CompileRequest | { describe: true };
  /** Once more after its process was killed: that may have been meant for another. */
  again: boolean;
  done: (answer: Record<string, unknown> | NoAnswer) => void;
}

/**
 * Compiles the catalogs of one environment, whose requests all name the same Puppet environment; a compilation that fails
 * is a result like others.
 * @throws StageError when no catalog can be compiled; the signal's reason when it is aborted.
 */
export async function compileCatalogs(
  requests: CompileRequest[],
  options: CompilerOptions,
  onEach: (compilation: Compilation) => void = () => {
    // Nobody follows.
  },
): Promise<CompiledCatalogs> {
  options.signal.throwIfAborted();
  const { sensitiveKey } = options;
  const manifests = resolve(options.manifests);
  const environment = requests[0]?.environment ?? 'production';
  const start = { ...(options.puppet ?? installedPuppet()), manifests, environment, sensitiveKey };
  const compilations: Compilation[] = [];
  let description: EnvironmentDescription | undefined;
  const tasks: Task[] = [
    {
      request: { describe: true },
      again: true,
      done: (answer) => {
        description = descriptionOf(answer);
      },
    },
    ...requests.map((request, index) => ({
      request,
      again: true,
      done: (answer: Record<string, unknown> | NoAnswer) => {
        const compilation = compilationOf(request, answer, options.timeLimitMs);
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
  const count = Math.max(1, Math.min(options.workers, Math.ceil(tasks.length / tasksOfProcess)));
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
    const answer = await compiler.ask(task.request, options.timeLimitMs);
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

type Answer = Record<string, unknown> | NoAnswer;

/** What the compiler's answer to a request means. */
export function compilationOf(request: CompileRequest, answer: Answer, timeLimitMs: number): Compilation {
  const { node } = request;
  if (answer === 'time-limit') {
    const message = `The catalog was not compiled within ${timeLimitMs / 1000} s: do the manifests loop for ever?`;
    return { node, problem: { kind: 'time-limit', message } };
  }
  if (answer === 'killed') {
    const message =
      'The Ruby process that compiled it ended without an answer, twice: was it killed for its memory?';
    return { node, problem: { kind: 'killed', message } };
  }
  if ('problem' in answer) return { node, problem: answer.problem as CompileProblem };
  const { catalog, findings, data, warnings } = answer as unknown as Compiled;
  if (saysNothing(catalog)) {
    const message = `The manifests say nothing about ${request.certname}: is there a node block for it, or a default one?`;
    return { node, problem: { kind: 'empty', message } };
  }
  return { node, catalog, findings, data, warnings };
}

/** @throws StageError (exit code 4) without a description. */
function descriptionOf(answer: Answer): EnvironmentDescription {
  if (typeof answer === 'string') {
    throw new StageError(
      "The modules' lib folders could not be read: the Ruby process ended without an answer.",
      exitCode.unavailable,
    );
  }
  return answer.description as EnvironmentDescription;
}

/** Puppet itself puts a stage, two classes and the node block into each catalog. */
function saysNothing({ resources }: Catalog): boolean {
  return resources.every(
    ({ type, title }) =>
      type === 'Stage' ||
      type === 'Node' ||
      (type === 'Class' && ['main', 'settings'].includes(title.toLowerCase())),
  );
}
