import { beforeAll, expect, test } from '@jest/globals';
import { buildCommand } from '../../src/build.ts';
import { cleanupCommand } from '../../src/cleanup.ts';
import { helpText } from '../../src/cli/flags.ts';
import { contentsCommand } from '../../src/contents.ts';
import { deployCommand } from '../../src/deploy.ts';
import { doctorCommand } from '../../src/doctor.ts';
import { generateCommand } from '../../src/generate.ts';
import { initCommand } from '../../src/init.ts';
import { planCommand } from '../../src/plan.ts';
import { promoteCommand } from '../../src/promote.ts';
import { statusCommand } from '../../src/status.ts';
import { reportCommand } from '../../src/report.ts';
import { upgradeCommand } from '../../src/upgrade.ts';
import { verifyCommand } from '../../src/verify.ts';
import { stage } from '../cli/stage-process.ts';
import { blocksOf, codeOf, pages } from './pages.ts';

const commands = [
  planCommand,
  generateCommand,
  buildCommand,
  verifyCommand,
  promoteCommand,
  cleanupCommand,
  contentsCommand,
  statusCommand,
  reportCommand,
  doctorCommand,
  initCommand,
  upgradeCommand,
  deployCommand,
];
const programs: string[] = commands.map(({ name }) => name);
/** Those of `npm start` and `npm run local-cloud`. */
const ofTheCloud = ['local-cloud/start', 'local-cloud/local-cloud'];

/** Flags of other programs that the pages name, each with what it belongs to. */
const ofOthers = new Map([
  ['--password', 'any program: what verify hides'],
  ['--certname', 'puppetserver ca sign'],
  ['--owners', 'aws ec2 describe-images'],
  ['--path', 'packer plugins install'],
  ['--image-id', 'aws ec2 run-instances'],
  ['--instance-type', 'aws ec2 run-instances'],
  ['--launch-template', 'aws ec2 run-instances'],
  ['--launch-template-name', 'aws ec2 create-launch-template'],
  ['--launch-template-data', 'aws ec2 create-launch-template'],
  ['--auto-scaling-group-name', 'aws autoscaling start-instance-refresh'],
  ['--name', 'aws ssm get-parameter'],
  ['--query', 'aws ssm get-parameter'],
  ['--output', 'aws ssm get-parameter'],
  ['--tier', 'aws ssm put-parameter'],
  ['--value', 'aws ssm put-parameter'],
  ['--overwrite', 'aws ssm put-parameter'],
  ['--import', 'node'],
  ['--include', 'npm ci'],
  ['--silent', 'npm run'],
  ['--coverage', 'jest'],
  ['--save-dev', 'npm install'],
]);

const flagsIn = (text: string) => text.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [];

/** The flags of each program, by its own --help. */
const known = new Map<string, Set<string>>();
beforeAll(async () => {
  const ofStages = commands.map((command) => [command.name, `${helpText(command)}\n  --version`] as const);
  const ends = ofTheCloud.map(async (name) => [name, (await stage(name, ['--help'])).stdout] as const);
  for (const [name, help] of [...ofStages, ...(await Promise.all(ends))])
    known.set(name, new Set([...help.matchAll(/^ {2}(--[a-z][a-z-]*)/gm)].map(([, flag = '']) => flag)));
});

test.each(programs)('%s prints flags in its help', (name) => {
  // upgrade is about files of the package, whatever the nodes.
  const shared = ['--json', '--help', ...(name === 'upgrade' ? [] : ['--nodes'])];
  expect([...(known.get(name) ?? [])]).toEqual(expect.arrayContaining(shared));
});

// CHANGELOG tells of the past.
const checked = pages.filter(({ path }) => path !== 'CHANGELOG.md');

test.each(checked)('$path names only flags that a program has', (page) => {
  const all = new Set([...[...known.values()].flatMap((flags) => [...flags]), ...ofOthers.keys()]);
  const named = [...codeOf(page), ...blocksOf(page)].flatMap(flagsIn);
  expect(named.filter((flag) => !all.has(flag))).toEqual([]);
});

test.each(checked)('$path calls no stage with a flag that this stage does not have', (page) => {
  const lines = [...codeOf(page), ...blocksOf(page).flatMap((block) => block.split('\n'))];
  const commands = lines.flatMap((line) => line.split('&&').map((command) => command.trim()));
  const calls = commands.flatMap((line) => {
    const match = /\b(?:src\/|bakehouse )(\w+)\b([^#]*)/.exec(line) ?? /^(\w+) (--[^#]*)/.exec(line);
    const [, name = '', args = ''] = match ?? [];
    return programs.includes(name) ? flagsIn(args).map((flag) => ({ name, flag })) : [];
  });
  expect(calls.filter(({ name, flag }) => known.get(name)?.has(flag) !== true)).toEqual([]);
});
