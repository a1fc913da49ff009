import { execa } from 'execa';
import { root, stageArguments } from '../cli/stage-process.ts';
import { figures, timed } from './figures.ts';

/** Some runs of a process: wall time and CPU time in ms, the peak in MB; and what the last one said. */
export interface Measured {
  times: number[];
  cpuTimes: number[];
  peak: number;
  stderr: string;
}

/**
 * The process says its own figures when it ends: those of all its threads, the loader's as well. VmHWM, since the
 * peak that getrusage knows begins with what the parent had when it forked.
 */
const sayFigures = `
import { readFileSync } from 'node:fs';
process.on('exit', () => {
  const [, peak] = /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
  const { user, system } = process.cpuUsage();
  process.stderr.write('\\npeak ' + Math.round(peak / 1024) + ' cpu ' + Math.round((user + system) / 1000) + '\\n');
});`;

/** Runs a stage that is to end well, as a process; its table goes through a pipe, as in Jenkins. */
export async function measureStage(
  name: string,
  args: string[],
  env: Record<string, string>,
  runs = 5,
): Promise<Measured> {
  const measured: Measured = { times: [], cpuTimes: [], peak: 0, stderr: '' };
  const loaders = ['--import', `data:text/javascript,${encodeURIComponent(sayFigures)}`];
  for (let run = 0; run < runs; run += 1) {
    const child = async () => {
      const end = await execa(process.execPath, [...loaders, ...stageArguments(name), ...args], {
        ...{ cwd: root, reject: false, stdin: 'ignore', env: { CI: 'true', ...env } },
      });
      if (end.exitCode !== 0) throw new Error(end.stdout + end.stderr);
      const [, peak, cpu] = /^peak (\d+) cpu (\d+)$/m.exec(end.stderr) ?? [];
      measured.peak = Math.max(measured.peak, Number(peak));
      measured.cpuTimes.push(Number(cpu));
      measured.stderr = end.stderr;
    };
    measured.times.push(await timed(child));
  }
  return measured;
}

export function row(what: string, { times, cpuTimes, peak }: Measured): string {
  return `${`${what}:`.padEnd(44)}${figures(times)}, CPU ${figures(cpuTimes)}, at most ${peak} MB`;
}
