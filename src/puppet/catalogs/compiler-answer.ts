import type { Catalog } from './catalog.ts';
import type {
  Compilation,
  Compiled,
  CompileOrder,
  CompileProblem,
  EnvironmentDescription,
} from './compilation.ts';
import { CompilerError } from './compiler-error.ts';
import type { NoAnswer } from './compiler-process.ts';

type Answer = Record<string, unknown> | NoAnswer;

/** What the compiler's answer to an order means. */
export function compilationOf(order: CompileOrder, answer: Answer, timeLimitMs: number): Compilation {
  const { node } = order;
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
    const message = `The manifests say nothing about ${order.certname}: is there a node block for it, or a default one?`;
    return { node, problem: { kind: 'empty', message } };
  }
  return { node, catalog, findings, data, warnings };
}

/** @throws CompilerError (exit code 4) without a description. */
export function descriptionOf(answer: Answer): EnvironmentDescription {
  if (typeof answer === 'string') {
    throw new CompilerError(
      4,
      "The modules' lib folders could not be read: the Ruby process ended without an answer.",
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
