import { join } from 'node:path';
import { failure, junitXml, type TestCase } from '../cli/junit.ts';
import { reportsAdvice } from '../cli/shared-flags.ts';
import { writeWhole } from '../lib/json-file.ts';
import type { CompileProblem } from '../puppet/catalogs/compilation.ts';
import { withPlace } from '../puppet/report/place.ts';

/** A planned node as a test case. */
export interface PlanCase {
  node: string;
  /** How long its compilation took; absent when it was not compiled now. */
  seconds?: number;
  /** Why it has no catalog: the case fails. */
  problem?: CompileProblem;
  /** What differs, for a person; Jenkins shows it as what the case printed. */
  text?: string;
}

/**
 * Writes `<reports>/plan.junit.xml`.
 * @throws FileError
 */
export async function writePlanJunit(reports: string, nodes: readonly PlanCase[]): Promise<void> {
  await writeWhole(join(reports, 'plan.junit.xml'), planXml(nodes), reportsAdvice);
}

/** A plan as JUnit XML: the suite `plan` with a case for each node, which fails when the node has no catalog. */
export function planXml(nodes: readonly PlanCase[]): string {
  const seconds = nodes.reduce((sum, node) => sum + (node.seconds ?? 0), 0);
  return junitXml({ name: 'plan', seconds }, nodes.map(nodeCase));
}

function nodeCase({ node, seconds, problem, text }: PlanCase): TestCase {
  return {
    className: 'plan',
    name: node,
    ...(seconds === undefined ? {} : { seconds }),
    ...(problem === undefined
      ? {}
      : failure(problem.kind, [problem.message], (message) => withPlace(message, problem))),
    ...(text === undefined || text === '' ? {} : { log: text }),
  };
}
