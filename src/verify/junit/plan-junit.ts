import type { CompileProblem } from '../../puppet/catalogs/compilation.ts';
import { withPlace } from '../../puppet/report/place.ts';
import { failure, junitDocument, type TestCase, timeText } from './junit-document.ts';
import { attributeText, xmlText } from './xml-text.ts';

/** What is to be told of a node that was planned. */
export interface PlanCase {
  node: string;
  /** What its compilation took; absent when it was not compiled now. */
  seconds?: number;
  /** Why it has no catalog: the case fails. */
  problem?: CompileProblem;
  /** What differs, for a person; Jenkins shows it as what the case printed. */
  text?: string;
}

/** A plan as JUnit XML: the suite `plan` with a case for each node, which fails when the node has no catalog. */
export function planJunitXml(nodes: readonly PlanCase[]): string {
  const seconds = nodes.reduce((sum, node) => sum + (node.seconds ?? 0), 0);
  return junitDocument({ name: 'plan', seconds }, nodes.map(nodeCase));
}

function nodeCase({ node, seconds, problem, text }: PlanCase): TestCase {
  return {
    '@classname': 'plan',
    '@name': attributeText(node),
    ...(seconds === undefined ? {} : { '@time': timeText(seconds) }),
    ...(problem === undefined ? {} : failure([withPlace(problem.message, problem)], problem.kind, problem)),
    ...(text === undefined || text === '' ? {} : { 'system-out': xmlText(text) }),
  };
}
