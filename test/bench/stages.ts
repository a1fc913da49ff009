import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureOsPackages } from '../../src/local-cloud/os-packages.ts';
import { root, temporaryFolder } from '../cli/stage-process.ts';
import { figures, median } from './figures.ts';
import { type Took, toFirstRequest } from './first-request.ts';
import { largeReport } from './large-report.ts';
import { writeBake } from './report.ts';

const goalMs = { help: 400, start: 700 };

interface Measurement {
  what: string;
  goalMs?: number;
  run: () => Promise<Took>;
  took: Took[];
}

/**
 * How long a stage takes to start: `--help`, and up to its first step outside of its own process and files. That is
 * the first request to AWS; generate, which has none, is timed to its end with one pack that has not changed, and a
 * step of the Jenkinsfile that only reads the nodes likewise. Programs that a stage starts before count, but for
 * Packer: a stand-in says its version. All are measured in turn, so that what else this computer does falls on all alike.
 */
export async function benchStages(rounds = 9): Promise<string[]> {
  await ensureOsPackages({
    packages: ['puppet-agent', 'git'],
    say: (line) => void process.stderr.write(`${line}\n`),
  });
  const folder = temporaryFolder();
  const at = (...names: string[]) => join(folder.path, ...names);
  writeFileSync(at('nodes.yaml'), 'redis: {group: redis}\n');
  mkdirSync(at('bin'));
  writeFileSync(at('bin/packer'), '#!/bin/sh\necho Packer v1.6.6\n', { mode: 0o755 });
  writeBake(at('reports'), largeReport(10), { imageId: 'ami-0123456789abcdef0' });
  const env = {
    ...process.env,
    PATH: `${at('bin')}:${process.env.PATH ?? ''}`,
    CI: 'true',
    BUILD_TAG: 'bench',
  };
  const node = (name: string) => [process.execPath, '--import', 'tsx', `src/${name}.ts`];
  // As the Jenkinsfile starts them.
  const compiled = (name: string) => [process.execPath, `dist/${name}.js`];
  await toEnd([process.execPath, 'jobs/compile.mjs'], env);
  const nodes = ['--nodes', at('nodes.yaml')];
  const generates = [...nodes, '--out', at('packs')];
  const generate = [...node('generate'), ...generates];
  const plans = [...nodes, '--cache', at('cache'), '--out', at('plan.json'), '--reports', at('plans')];
  const plan = [...node('plan'), ...plans];
  const builds = [...nodes, '--packs', at('packs'), '--reports', at('builds')];
  const verifies = [...nodes, '--reports', at('reports')];
  const cleans = [...nodes, '--reports', at('plans')];
  // Not counted: they write what is not to change.
  await toEnd(generate, env);
  await toEnd([...plan, '--offline'], env);

  const help = (name: string) =>
    measurement(`${name} --help`, () => toEnd([...node(name), '--help'], env), goalMs.help);
  const asks = (name: string, command: readonly string[]) =>
    measurement(
      `${name}, to its first request`,
      () => toFirstRequest(command, { cwd: root, env }),
      goalMs.start,
    );
  const ends = (what: string, command: readonly string[], goal?: number) =>
    measurement(what, () => toEnd(command, env), goal);
  const all = [
    ...['plan', 'generate', 'build', 'verify', 'cleanup'].map(help),
    asks('plan', plan),
    ends('generate, one pack, unchanged', generate, goalMs.start),
    asks('build', [...node('build'), ...builds]),
    asks('verify', [...node('verify'), ...verifies]),
    asks('cleanup', [...node('cleanup'), ...cleans]),
    ends('dist: plan --help', [...compiled('plan'), '--help'], goalMs.help),
    asks('dist: plan', [...compiled('plan'), ...plans]),
    ends('dist: generate', [...compiled('generate'), ...generates], goalMs.start),
    asks('dist: build', [...compiled('build'), ...builds]),
    asks('dist: verify', [...compiled('verify'), ...verifies]),
    asks('dist: cleanup', [...compiled('cleanup'), ...cleans]),
    ends('dist: jenkins choices', [...compiled('jenkins'), 'choices'], goalMs.start),
    ends('Node alone', [process.execPath, '--eval', '0']),
    ends('Node and tsx alone', [process.execPath, '--import', 'tsx', '--eval', '0']),
  ];
  for (let round = 0; round < rounds; round += 1) for (const one of all) one.took.push(await one.run());
  folder.remove();
  return all.map(row);
}

function measurement(what: string, run: () => Promise<Took>, goal?: number): Measurement {
  return { what, run, took: [], ...(goal === undefined ? {} : { goalMs: goal }) };
}

function row({ what, took, goalMs: goal }: Measurement): string {
  const wall = took.map(({ wallMs }) => wallMs);
  const over = median(wall) - (goal ?? 0);
  const how = over > 0 ? `OVER by ${(over / 1000).toFixed(2)} s` : 'kept';
  const judged = goal === undefined ? '' : ` (goal ${goal / 1000} s: ${how})`;
  return `${`${what}:`.padEnd(36)}${figures(wall)}, CPU ${figures(took.map(({ cpuMs }) => cpuMs))}${judged}`;
}

/** Runs a command to its end, by the clock of bash, which knows the CPU time of its children. */
async function toEnd(command: readonly string[], env: NodeJS.ProcessEnv): Promise<Took> {
  const script = 'TIMEFORMAT="took %3R %3U %3S"; time "$@" > /dev/null';
  const { stderr } = await promisify(execFile)('bash', ['-c', script, 'bash', ...command], {
    cwd: root,
    env,
  });
  const [, wall, user, system] = /^took (\S+) (\S+) (\S+)$/m.exec(stderr) ?? [];
  return { wallMs: 1000 * Number(wall), cpuMs: 1000 * (Number(user) + Number(system)) };
}
