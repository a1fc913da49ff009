import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { promoteJobFlags, readPromoteJob } from '../../src/jenkins/promote-job.ts';
import { checkPromoteFlags } from '../../src/promote/promote-flags.ts';
import { readStageRun } from '../../src/jenkins/stage-run.ts';
import { parseFlags } from '../../src/cli/flags.ts';
import { promoteCommand } from '../../src/promote.ts';
import { stage, temporaryFolder } from '../cli/stage-process.ts';
import { fc, runs, shareOf } from '../runs.ts';

const ami = 'ami-0123456789abcdef0';
const flagsOf = (environment: NodeJS.ProcessEnv) => {
  const job = readPromoteJob(environment);
  return 'problems' in job ? job.problems : promoteJobFlags(job).join(' ');
};

describe('the flags of the job promote', () => {
  const end = '--reports=results/reports';
  test.each<[NodeJS.ProcessEnv, string]>([
    [{ ACTION: 'promote', NODE: 'web' }, `--nodes=nodes.yaml --node=web ${end}`],
    [{ ACTION: 'promote', NODE: 'web', IMAGE: ` ${ami} `, REASON: 'CVE' }, `--nodes=nodes.yaml --node=web --image=${ami} ${end}`],
    [{ ACTION: 'promote', NODE: 'web', APPLY: 'true', BAKEHOUSE_NODES: 'infra/n.yaml' }, `--nodes=infra/n.yaml --node=web --apply ${end}`],
    [{ ACTION: 'promote', NODE: 'web', BAKEHOUSE_ARCHIVE: 's3://b/p' }, `--nodes=nodes.yaml --node=web ${end} --archive=s3://b/p`],
    [{ ACTION: 'rollback', NODE: 'web', APPLY: 'true' }, `--nodes=nodes.yaml --node=web --rollback --apply ${end}`],
    [{ ACTION: 'revoke', IMAGE: ami, REASON: 'CVE 1', APPLY: 'false' }, `--nodes=nodes.yaml --revoke=${ami} --reason=CVE 1 ${end}`],
  ])('%j: %s', (environment, expected) => {
    expect(flagsOf(environment)).toBe(expected);
  }); // prettier-ignore

  test.each<[NodeJS.ProcessEnv, string[]]>([
    [{}, ['ACTION is none of', 'NODE is empty']],
    [{ ACTION: 'promote' }, ['NODE is empty: choose']],
    [{ ACTION: 'rollback', NODE: 'web', IMAGE: ami }, ['IMAGE must be empty for rollback']],
    [{ ACTION: 'revoke' }, ['IMAGE is empty: name the image', 'REASON is empty: say why']],
    [{ ACTION: 'revoke', NODE: 'web', IMAGE: ami, REASON: 'x' }, ['NODE must be empty for revoke']],
    [{ ACTION: 'promote', NODE: '--force', IMAGE: 'ami-1; rm', REASON: 'a\nb', APPLY: 'yes', AWS_CREDENTIALS: '$(x)' },
      ['NODE is not the name', 'IMAGE is not the id', 'REASON is not a sentence', 'APPLY is neither', "AWS_CREDENTIALS is not a credential's id"]],
    [{ ACTION: 'promote', NODE: 'web', BAKEHOUSE_ARCHIVE: '--apply' }, ['BAKEHOUSE_ARCHIVE is neither a folder nor s3://']],
    [{ ACTION: 'revoke', IMAGE: ami, REASON: 'x'.repeat(256) }, ['REASON is not a sentence of one line, of 255']],
  ])('%j is refused, with all problems at once', (environment, expected) => {
    const problems = flagsOf(environment);
    expect(problems).toEqual(expected.map((text) => expect.stringContaining(`parameter ${text}`)));
  }); // prettier-ignore

  test('whatever is accepted, promote accepts, as one value for each flag', () => {
    const odd = fc.string({ unit: fc.constantFrom(...Array.from('$(){}`"\'\\;|&<>-./ \n\tab7é=')) });
    const given = fc.record({
      ACTION: fc.constantFrom('promote', 'rollback', 'revoke'),
      NODE: fc.oneof(fc.constantFrom('', 'web'), odd),
      IMAGE: fc.oneof(fc.constantFrom('', ami), odd),
      REASON: fc.oneof(fc.constant(''), odd),
      APPLY: fc.constantFrom('', 'true', 'false'),
    });
    let accepted = 0;
    fc.assert(
      fc.property(given, (environment) => {
        const job = readPromoteJob(environment);
        if ('problems' in job) return;
        accepted += 1;
        const flags = parseFlags(promoteCommand.flags, promoteJobFlags(job));
        if ('help' in flags && flags.help) throw new Error('a value became --help');
        checkPromoteFlags(flags);
        expect(flags.apply).toBe(environment.APPLY === 'true');
        expect(flags.reason ?? '').toBe(environment.ACTION === 'revoke' ? environment.REASON.trim() : '');
      }),
      runs(5_000),
    );
    expect(accepted).toBeGreaterThan(shareOf(100));
  });
});

describe('the steps of the job promote', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  const at = (name: string) => join(folder.path, name);
  const step = (name: string, env: Record<string, string>) =>
    stage('jenkins', [name], { cwd: folder.path, env: { BUILD_NUMBER: '7', ...env } });

  beforeEach(() => {
    folder = temporaryFolder();
    writeFileSync(at('nodes.yaml'), 'redis: {group: g}\nweb: {group: g}\n');
  });
  afterEach(() => {
    folder.remove();
  });

  /** Writes what promote says of a node. */
  function write(node: string, record: object): void {
    mkdirSync(at(`results/reports/${node}`), { recursive: true });
    const pointer = { name: `/bakehouse/${node}`, version: 4, changed: true };
    const regions = [
      { region: 'us-east-1', imageId: 'ami-2', copied: 'original', previous: 'ami-1', parameter: pointer, accounts: [] },
      { region: 'eu-west-1', imageId: 'ami-9', copied: 'there', parameter: { ...pointer, changed: false }, accounts: [] },
    ];
    const whole = { schema: 1, kind: 'promote', node, applied: true, image: 'ami-2', regions, problems: [], notes: [], ...record };
    writeFileSync(at(`results/reports/${node}/promote.json`), JSON.stringify(whole));
  } // prettier-ignore

  test('lock the node; a revocation locks all, since only AWS knows whose image it is', async () => {
    expect((await step('promote-locks', { ACTION: 'rollback', NODE: 'web' })).stdout).toBe('bakehouse-promote-web'); // prettier-ignore
    const all = await step('promote-locks', { ACTION: 'revoke', IMAGE: ami, REASON: 'x' });
    expect(all.stdout).toBe('bakehouse-promote-redis\nbakehouse-promote-web');
    const unknown = await step('promote-locks', { ACTION: 'promote', NODE: 'mail' });
    expect([unknown.exitCode, unknown.stdout]).toEqual([2, '']);
  });

  test.each(['promote-locks', 'promote-by-hand', 'promote-report'])('%s refuses hostile parameters, all at once', async (name) => {
    const hostile = '$(touch x)`touch x`";touch x;\'\ntouch x';
    const { exitCode, stdout, stderr } = await step(name, { ACTION: hostile, NODE: hostile, IMAGE: hostile, REASON: hostile });
    expect([exitCode, stdout]).toEqual([2, '']);
    for (const parameter of ['ACTION', 'NODE', 'IMAGE', 'REASON']) expect(stderr).toMatch(new RegExp(`^(jenkins: )?parameter ${parameter} `, 'm'));
    expect(stderr).not.toContain('    at ');
  }); // prettier-ignore

  test('report says first the name of the build, then what is in service where, and what was before', async () => {
    write('web', { problems: ['the template is gone'], notes: ['<b>1 server</b> still runs it'] });
    const { stdout } = await step('promote-report', { ACTION: 'promote', NODE: 'web', REASON: 'CVE', APPLY: 'true' });
    expect(stdout.split('\n')).toEqual([
      '#7 promote web',
      'CVE',
      'web: ami-2 in service in us-east-1, before it ami-1',
      'web: ami-9 in service already in eu-west-1',
      'web: the template is gone',
      expect.not.stringMatching(/[<>]/),
    ]);
  }); // prettier-ignore

  test('report without APPLY says that nothing was changed, and without a record that there is none', async () => {
    write('web', { applied: false });
    const dry = await step('promote-report', { ACTION: 'promote', NODE: 'web' });
    expect(dry.stdout.split('\n').slice(1, 3)).toEqual([
      'APPLY is not set: nothing was changed',
      'web: ami-2 would be in service in us-east-1, before it ami-1',
    ]);
    const lost = await step('promote-report', { ACTION: 'rollback', NODE: 'redis', APPLY: 'true' });
    expect(lost.stdout).toBe('#7 rollback redis\npromote did not get to its end');
  });

  test('report of a revocation names each node whose pointers moved', async () => {
    write('web', { kind: 'revoke' });
    const { stdout } = await step('promote-report', { ACTION: 'revoke', IMAGE: ami, REASON: 'CVE', APPLY: 'true' });
    expect(stdout).toMatch(new RegExp(`^#7 revoke ${ami}\nCVE\nweb: ami-2 in service in us-east-1`));
  }); // prettier-ignore

  test('promote-by-hand removes what an earlier build left, and nothing where a parameter is wrong', async () => {
    const before = process.cwd();
    write('web', {});
    process.chdir(folder.path);
    try {
      expect(await readStageRun('promote-by-hand', [], { ACTION: 'rollback' })).toBeUndefined();
      expect((await step('promote-report', { ACTION: 'promote', NODE: 'web' })).stdout).toContain('ami-2');
      expect(await readStageRun('promote-by-hand', [], { ACTION: 'rollback', NODE: 'web' })).toMatchObject({ stage: 'promote' }); // prettier-ignore
    } finally {
      process.chdir(before);
    }
    expect((await step('promote-report', { ACTION: 'promote', NODE: 'web' })).stdout).not.toContain('ami-2');
  });
});
