import { readFileSync } from 'node:fs';
import type { Evidence } from '../../src/verify/read-evidence.ts';
import { parseReport } from '../../src/puppet/report/report.ts';
import type { BakeFacts } from '../../src/verify/run-problems.ts';

/** The text of a report that Puppet 7.23 wrote (`older`: as Puppet 5.5 did). */
export function reportText(name: 'changed' | 'unchanged' | 'failed' | 'failed-commands' | 'older'): string {
  return readFileSync(new URL(`../puppet/fixtures/${name}.yaml`, import.meta.url), 'utf8');
}

/** What a bake leaves that wrote this report. */
export function evidenceOf(text: string, console = ''): Evidence {
  return { report: parseReport(text), console };
}

/** A bake that the reports of the fixtures may be of. */
export const baked: BakeFacts = {
  status: 'baked',
  run: 'run-1',
  imageId: 'ami-0a',
  startedAt: '2026-11-23T04:15:00.000Z',
  finishedAt: '2026-11-23T04:18:00.000Z',
  puppetExitCode: 2,
};
