/**
 * What a team may program against: the reader of nodes.yaml, the files that the stages write, Puppet's report, and the
 * writer of JUnit files. A change that breaks one of these raises the package's major version.
 *
 * @packageDocumentation
 */
export { loadNodes } from './nodes/load-nodes.ts';
export type { Node } from './nodes/node.ts';
export { type PlanFile, readPlanFile } from './plan/plan-file.ts';
export { type PromoteRecord, readPromoteRecord } from './promote/promote-record.ts';
export { readVerifyRecord, type VerifyRecord } from './verify/verify-record.ts';
export { parseReport, type Report, ReportError } from './puppet/report/report.ts';
export { type CaseResult, junitXml, type SuiteHead, type TestCase } from './cli/junit.ts';
export { StageError } from './lib/errors.ts';
