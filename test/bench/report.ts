import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { root, temporaryFolder } from '../cli/stage-process.ts';
import { figures, timed } from './figures.ts';
import { largeReport } from './large-report.ts';

const sizes = [100, 1_000, 5_000, 10_000];
const runs = 5;
/** Says its own peak, in MB, when it ends: that of all its threads, the loader's as well. */
const sayPeak =
  "process.on('exit', () => process.stderr.write(`\\npeak ${Math.round(process.resourceUsage().maxRSS / 1024)}\\n`))";
/** What verify does with a report; the marks are taken off, since Ruby's safe loader knows none of Puppet's classes. */
const rubyLoad =
  "YAML.load(File.read(ARGV[0]).gsub(/ !ruby\\S+/, '')); warn \"\\npeak #{File.read('/proc/self/status')[/VmHWM:\\s+(\\d+)/, 1].to_i / 1024}\"";

/**
 * verify of one node, as a process: a report to JUnit, over 100 to 10,000 resources, beside what `--help` takes and
 * beside Ruby's own loading of the same YAML. Goals for 5,000 resources: 1.0 s and 250 MB, from start to end.
 */
export async function benchReport(): Promise<string[]> {
  const folder = temporaryFolder();
  const nodes = join(folder.path, 'nodes.yaml');
  writeFileSync(nodes, 'redis: {group: g}\n');
  const verify = (args: string[]) => [
    ...['--import', `data:text/javascript,${encodeURIComponent(sayPeak)}`, '--import', 'tsx'],
    ...[join(root, 'src/verify.ts'), ...args],
  ];
  const lines = [row('verify --help', await measure(process.execPath, verify(['--help']), 0))];
  for (const size of sizes) {
    const reports = join(folder.path, String(size));
    const text = largeReport(size);
    const file = writeBake(reports, text);
    const what = `${size.toLocaleString('en')} resources, ${(text.length / 1e6).toFixed(1)} MB`;
    const args = verify(['--nodes', nodes, '--reports', reports]);
    // 3: nothing is proved, since the bake made no image; so no account is asked.
    lines.push(row(`verify, ${what}`, await measure(process.execPath, args, 3)));
    lines.push(row(`ruby -ryaml, ${what}`, await measure('ruby', ['-ryaml', '-e', rubyLoad, file], 0)));
  }
  folder.remove();
  return lines;
}

/** Files of a bake that ended well but for its image, unless one is given; answers the report's. */
export function writeBake(reports: string, report: string, image: { imageId?: string } = {}): string {
  mkdirSync(join(reports, 'redis'), { recursive: true });
  const bake = {
    ...{ schema: 1, node: 'redis', run: 'bench', status: 'baked', imageName: 'redis-1', region: 'us-east-1' },
    ...{ commit: 'none', startedAt: '2026-11-23T04:15:00.000Z', finishedAt: '2026-11-23T04:18:00.000Z' },
    ...{
      process: { host: 'here', pid: 1, startTicks: 1 },
      packerVersion: '1.6.6',
      puppetExitCode: 2,
      leftovers: [],
    },
    ...image,
  };
  writeFileSync(join(reports, 'redis/bake.json'), JSON.stringify(bake));
  const file = join(reports, 'redis/puppet-report.yaml');
  writeFileSync(file, report);
  return file;
}

async function measure(program: string, args: string[], expected: number) {
  const times: number[] = [];
  let peak = 0;
  for (let run = 0; run < runs; run += 1) {
    const child = async () => {
      const end = await execa(program, args, {
        cwd: root,
        reject: false,
        stdin: 'ignore',
        env: { CI: 'true' },
      });
      if (end.exitCode !== expected) throw new Error(end.stdout + end.stderr);
      peak = Math.max(peak, Number(/^peak (\d+)$/m.exec(end.stderr)?.[1] ?? Number.NaN));
    };
    times.push(await timed(child));
  }
  return { times, peak };
}

function row(what: string, { times, peak }: { times: number[]; peak: number }): string {
  return `${`${what}:`.padEnd(44)}${figures(times)}, at most ${peak} MB`;
}
