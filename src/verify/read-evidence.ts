import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseReport, ReportError, type Report } from '../puppet/report/report.ts';

/** What a run of Puppet left to judge it by. */
export interface Evidence {
  report: Report | MissingReport;
  /** What Puppet printed; empty when that is lost. */
  console: string;
}

export interface MissingReport {
  missing: 'no-report' | 'unreadable-report';
  message: string;
}

/**
 * A report of 5,000 resources is 6 MB and takes 160 MB of memory; no honest one is four times that. The worst that 20 MB
 * can hold, lists in lists without end, takes 1 GB.
 */
const maxReportBytes = 20 * 1024 * 1024;
/** The error that ended a run stands at the console's end. */
const maxConsoleBytes = 1024 * 1024;

/**
 * Reads `<reports>/<node>/puppet-report.yaml` and `puppet-console.log`; what is missing or broken becomes data: a verdict is
 * due all the same.
 */
export async function readEvidence(reports: string, node: string): Promise<Evidence> {
  const report = await readReport(join(reports, node, 'puppet-report.yaml'));
  return { report, console: await readConsole(reports, node) };
}

/** The end of what Puppet printed in the node's bake; empty when that is lost. */
export async function readConsole(reports: string, node: string): Promise<string> {
  return readTail(join(reports, node, 'puppet-console.log'), maxConsoleBytes).catch(() => '');
}

async function readReport(file: string): Promise<Report | MissingReport> {
  try {
    const text = await readWhole(file);
    if (text === '') return { missing: 'no-report', message: `Puppet wrote no report (${file} is empty)` };
    return parseReport(text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return { missing: 'no-report', message: `there is no report of Puppet (${file} is missing)` };
    }
    const why =
      error instanceof ReportError ? error.message : `it cannot be read: ${(error as Error).message}`;
    return { missing: 'unreadable-report', message: `${file} cannot be judged: ${why}` };
  }
}

async function readWhole(file: string): Promise<string> {
  // Before it is opened: a named pipe would wait for its writer.
  const found = await stat(file);
  if (found.isDirectory()) throw new ReportError('it is a folder, not a file');
  if (!found.isFile()) throw new ReportError('it is not a file');
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size > maxReportBytes)
      throw new ReportError(`it has ${size} bytes, and at most ${maxReportBytes} are read`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

async function readTail(file: string, bytes: number): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, bytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
