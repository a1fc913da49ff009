import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { buildCommand } from '../../src/build.ts';
import { cleanupCommand } from '../../src/cleanup.ts';
import { type FlagTable, helpText } from '../../src/cli/flags.ts';
import { contentsCommand } from '../../src/contents.ts';
import { deployCommand } from '../../src/deploy.ts';
import { doctorCommand } from '../../src/doctor.ts';
import { generateCommand } from '../../src/generate.ts';
import { initCommand } from '../../src/init.ts';
import { jenkinsCommand } from '../../src/jenkins.ts';
import { planCommand } from '../../src/plan.ts';
import { promoteCommand } from '../../src/promote.ts';
import { referenceKinds } from '../../src/references/reference.ts';
import { statusCommand } from '../../src/status.ts';
import { reportCommand } from '../../src/report.ts';
import { upgradeCommand } from '../../src/upgrade.ts';
import { verifyCommand } from '../../src/verify.ts';
import { root, stage, temporaryFolder } from './stage-process.ts';

type Command = Parameters<typeof helpText>[0] & { flags: FlagTable };
const commands: Command[] = [
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
  deployCommand,
  jenkinsCommand,
  initCommand,
  upgradeCommand,
];

describe('--help', () => {
  test.each(commands.map((command) => [command.name, command] as const))(
    'of %s fits into 80 columns and has the whole help of each flag',
    (_, command) => {
      const lines = helpText(command).split('\n');
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
      const text = lines.join(' ').replace(/ +/g, ' ');
      expect(text).toContain(`bakehouse ${command.name} `);
      for (const { help } of Object.values(command.flags)) expect(text).toContain(help);
    },
  );

  test('of cleanup lists the kinds of references that --ignore-reference takes', () => {
    const [, kinds = ''] = cleanupCommand.flags['ignore-reference'].help.split('kinds: ');
    expect(kinds.split(', ')).toEqual([...referenceKinds]);
  });
});

test('no name of a flag means two things: what two stages call the same is of one kind and value', () => {
  const flags = commands.flatMap((command) => Object.entries<FlagTable[string]>(command.flags));
  const meanings = new Map<string, Set<string>>();
  for (const [name, { kind, value = '' }] of flags) {
    meanings.set(name, (meanings.get(name) ?? new Set()).add(`${kind} ${value}`));
  }
  // A file for plan, a folder for generate: in both the place where the result goes.
  meanings.delete('out');
  // Of plan a node's catalog, of contents two images: what one would type first for each.
  meanings.delete('diff');
  expect([...meanings].filter(([, all]) => all.size > 1)).toEqual([]);
});

test('a stage that is called by a link, or without the ending of its name, does run', async () => {
  const folder = temporaryFolder();
  try {
    mkdirSync(join(folder.path, 'bin'));
    symlinkSync(join(root, 'src/generate.ts'), join(folder.path, 'bin/bakehouse-generate.ts'));
    const bin = join(folder.path, 'bin/bakehouse-generate');
    const linked = await stage(bin, ['--help'], { ending: '.ts' });
    expect(linked).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^generate: /) });
    const bare = await stage('generate', ['--help'], { ending: '' });
    expect(bare).toEqual(linked);
    // The example is as this program is called; compiled it is the package's.
    expect(linked.stdout).toContain('\n  node --import tsx src/generate.ts --node redis');
    const compiled = await stage('generate', ['--help']);
    expect(compiled.stdout).toContain('\n  npx bakehouse generate --node redis');
  } finally {
    folder.remove();
  }
});
