import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { RunVerdict } from '../verdict.ts';
import { junitXml } from './junit-xml.ts';
import { type PlanCase, planJunitXml } from './plan-junit.ts';

/** A junit.xml that cannot be written, in a sentence for a person. */
export class JunitFileError extends Error {
  readonly exitCode = 2;
}

/**
 * Writes `<reports>/<node>/junit.xml`, also for a node that no bake has left a folder of: Jenkins shows it as failed.
 * @throws JunitFileError when the folder does not take it.
 */
export async function writeJunit(reports: string, verdict: RunVerdict): Promise<void> {
  await write(join(reports, verdict.node), 'junit.xml', junitXml(verdict));
}

/**
 * Removes the nodes' `junit.xml` and `verify.json` of an earlier verify, and answers what writes a new `junit.xml`:
 * whatever becomes of this verify, the old ones are not of it.
 * @throws JunitFileError
 */
export async function verdictWriter(
  reports: string,
  nodes: readonly { name: string }[],
): Promise<(verdict: RunVerdict) => Promise<void>> {
  for (const { name } of nodes) {
    for (const file of [join(reports, name, 'junit.xml'), join(reports, name, 'verify.json')])
      await orSay(file, () => rm(file, { force: true }));
  }
  return (verdict) => writeJunit(reports, verdict);
}

/**
 * Writes `<reports>/plan.junit.xml`.
 * @throws JunitFileError when the folder does not take it.
 */
export async function writePlanJunit(reports: string, nodes: readonly PlanCase[]): Promise<void> {
  await write(reports, 'plan.junit.xml', planJunitXml(nodes));
}

async function write(folder: string, name: string, xml: string): Promise<void> {
  const file = join(folder, name);
  await orSay(file, async () => {
    await mkdir(folder, { recursive: true });
    await writeFileAtomic(file, xml);
  });
}

async function orSay(file: string, how: () => Promise<void>): Promise<void> {
  try {
    await how();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    // Node's own check of a folder has a name of its own: ERR_FS_EISDIR.
    const message = `${file} cannot be written (${code.replace('ERR_FS_', '')}): give a folder that can be with --reports`;
    throw new JunitFileError(message, { cause });
  }
}
