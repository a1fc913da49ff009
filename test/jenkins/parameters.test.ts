import { describe, expect, test } from '@jest/globals';
import { fc, runs, shareOf } from '../runs.ts';
import { type Parameters, readParameters } from '../../src/jenkins/parameters.ts';

/** Characters that mean something to a shell, to git, to a path or to a flag. */
const odd = Array.from('$(){}`"\'\\;|&<>-./ \n\t\0ab7é:@*?[]~!#%^=,');

const none: Parameters = {
  nodes: [],
  force: false,
  reason: '',
  nodesFile: 'nodes.yaml',
  manifests: 'templates/environment',
  parallel: 4,
  cleanupOnly: false,
  promote: 'no',
  apply: false,
};

/** The problems of an environment, as one text; empty when there is none. */
function problemsOf(environment: NodeJS.ProcessEnv): string {
  const read = readParameters(environment);
  return 'problems' in read ? read.problems.join('\n') : '';
}

describe('the parameters of a build', () => {
  test.each<[string, NodeJS.ProcessEnv, Partial<Parameters>]>([
    ['of a first build, whose steps have none in their environment', {}, {}],
    [
      'as a job has them by default',
      { NODES: '', FORCE: 'false', KEEP: '', REASON: '', MANIFESTS_URL: '', PARALLEL: '4', APPLY: 'false' },
      {},
    ],
    ['several nodes', { NODES: ' redis, web\tdb ' }, { nodes: ['redis', 'web', 'db'] }],
    ["a branch's own node", { NODES: 'redis web', BAKEHOUSE_NODE: 'web' }, { nodes: ['web'] }],
    [
      'switches',
      { FORCE: 'true', DRY_RUN: 'true', CLEANUP_ONLY: 'true', APPLY: 'true' },
      { force: true, dryRun: 'DRY_RUN is set', cleanupOnly: true, apply: true },
    ],
    ['promotion', { PROMOTE: 'ask' }, { promote: 'ask' }],
    ['promotion that somebody has approved', { PROMOTE: 'ask', BAKEHOUSE_APPROVER: 'anna' }, { promote: 'ask', approver: 'anna' }],
    ['numbers', { KEEP: '3', PARALLEL: '12' }, { keep: 3, parallel: 12 }],
    ['a reason', { REASON: 'CVE-2026-1, "urgent" & <now>' }, { reason: 'CVE-2026-1, "urgent" & <now>' }],
    ['another repository', { MANIFESTS_URL: 'git@git.example.com:ops/puppet.git' }, { manifests: 'manifests.checkout' }],
    [
      'a folder of another repository',
      { MANIFESTS_URL: 'https://git.example.com/puppet', MANIFESTS_REF: 'release/7.1', MANIFESTS_DIR: 'env/prod' },
      { manifests: 'manifests.checkout/env/prod' },
    ],
    ['another commit of this repository', { MANIFESTS_REF: 'c0ffee' }, { manifests: 'manifests.checkout/templates/environment' }],
    ['a folder of this repository', { MANIFESTS_DIR: 'puppet' }, { manifests: 'puppet' }],
    ["a team's own places", { BAKEHOUSE_NODES: 'infra/nodes.yaml', BAKEHOUSE_MANIFESTS: 'puppet' }, { nodesFile: 'infra/nodes.yaml', manifests: 'puppet' }],
    ['a repository that is the environment', { BAKEHOUSE_MANIFESTS: '.', MANIFESTS_REF: 'v1' }, { manifests: 'manifests.checkout/.' }],
    ["a folder in place of the team's own", { BAKEHOUSE_MANIFESTS: 'puppet', MANIFESTS_DIR: 'other' }, { manifests: 'other' }],
    ["another repository, which has no folder of the team's", { BAKEHOUSE_MANIFESTS: 'puppet', MANIFESTS_URL: '/srv/git/puppet.git' }, { manifests: 'manifests.checkout' }],
    ['the main branch of a multibranch job', { BRANCH_NAME: 'main' }, {}],
    ['another branch of it', { BRANCH_NAME: 'PR-7' }, { dryRun: 'branch PR-7 is not main' }],
    ['a main branch of another name', { BRANCH_NAME: 'live', BAKEHOUSE_BRANCH: 'live' }, {}],
    ['then main is another branch', { BRANCH_NAME: 'main', BAKEHOUSE_BRANCH: 'live' }, { dryRun: 'branch main is not live' }],
    ['handed over by another job', { HANDED_OVER: 'true', CLEANUP_ONLY: 'false' }, {}],
  ])('%s', (_, environment, expected) => {
    expect(readParameters(environment)).toEqual({ ...none, ...expected });
  }); // prettier-ignore

  test.each<[NodeJS.ProcessEnv, string]>([
    [{ NODES: 'redis $(touch x)' }, 'NODES has "$(touch", "x)", no node\'s name'],
    [{ NODES: '../redis' }, 'NODES has "../redis"'],
    [{ NODES: '--force' }, 'NODES has "--force"'],
    [{ NODES: 'Redis' }, 'NODES has "Redis"'],
    [{ BAKEHOUSE_NODE: '..' }, 'BAKEHOUSE_NODE has ".."'],
    [{ FORCE: 'yes' }, 'FORCE ("yes") is neither true nor false'],
    [{ PROMOTE: 'maybe' }, 'PROMOTE ("maybe") is none of no, yes and ask'],
    [{ KEEP: '0' }, 'KEEP ("0") is not a whole number'],
    [{ KEEP: '1; rm' }, 'KEEP ("1; rm")'],
    [{ PARALLEL: '-1' }, 'PARALLEL ("-1")'],
    [{ REASON: 'a\nb' }, 'REASON ("a\\nb") is not a sentence of one line'],
    [{ REASON: 'x'.repeat(301) }, 'of 300 characters at most'],
    [{ MANIFESTS_URL: '--upload-pack=touch x' }, 'MANIFESTS_URL is not the address'],
    [{ MANIFESTS_URL: 'ext::sh -c touch% x' }, 'MANIFESTS_URL is not the address'],
    [{ MANIFESTS_URL: 'https://git.example.com/a\nb' }, 'MANIFESTS_URL is not the address'],
    [{ MANIFESTS_URL: '--upload-pack@host:x' }, 'MANIFESTS_URL is not the address'],
    [{ MANIFESTS_URL: 'ssh://-oProxyCommand=touch%20x/r' }, 'MANIFESTS_URL is not the address'],
    [{ MANIFESTS_URL: 'ssh://git@-oProxyCommand=x/r' }, 'MANIFESTS_URL is not the address'],
    [{ MANIFESTS_URL: 'ssh://-l@h/r' }, 'MANIFESTS_URL is not the address'],
    [{ MANIFESTS_URL: 'ssh://h/-r' }, 'MANIFESTS_URL is not the address'],
    [{ MANIFESTS_URL: '-u@h:p' }, 'MANIFESTS_URL is not the address'],
    [{ MANIFESTS_URL: 'git@-h:p' }, 'MANIFESTS_URL is not the address'],
    [{ MANIFESTS_URL: 'git@h:-p' }, 'MANIFESTS_URL is not the address'],
    [{ MANIFESTS_URL: 'https://-h/r' }, 'MANIFESTS_URL is not the address'],
    [{ MANIFESTS_URL: 'https:///r' }, 'MANIFESTS_URL is not the address'],
    [{ MANIFESTS_REF: '--orphan' }, 'MANIFESTS_REF ("--orphan") is not a branch'],
    [{ MANIFESTS_REF: 'a..b' }, 'MANIFESTS_REF'],
    [{ MANIFESTS_REF: ':^(?!main)' }, 'MANIFESTS_REF'],
    [{ MANIFESTS_REF: '**' }, 'MANIFESTS_REF'],
    [{ MANIFESTS_DIR: '../../etc' }, 'MANIFESTS_DIR ("../../etc") is not a folder within'],
    [{ MANIFESTS_DIR: 'a/../../b' }, 'MANIFESTS_DIR'],
    [{ MANIFESTS_DIR: '/etc' }, 'MANIFESTS_DIR'],
    [{ MANIFESTS_DIR: '-x' }, 'MANIFESTS_DIR'],
    [{ BAKEHOUSE_NODES: '../nodes.yaml' }, 'variable BAKEHOUSE_NODES ("../nodes.yaml") is not a file within'],
    [{ BAKEHOUSE_NODES: '--node' }, 'variable BAKEHOUSE_NODES'],
    [
      { BAKEHOUSE_MANIFESTS: '/etc/puppet' },
      'variable BAKEHOUSE_MANIFESTS ("/etc/puppet") is not a folder within',
    ],
    [{ AWS_CREDENTIALS: 'a b' }, 'AWS_CREDENTIALS ("a b") is not a credential\'s id'],
    [{ HANDED_OVER: 'true' }, 'does not declare yet'],
  ])('%j is refused', (environment, expected) => {
    expect(problemsOf(environment)).toContain(expected);
  });

  test('readParameters names all problems at once', () => {
    const problems = problemsOf({ NODES: '$x', KEEP: 'a', PARALLEL: 'b', APPLY: '1' });
    expect(problems.split('\n').map((line) => line.split(' ')[1])).toEqual([
      'NODES',
      'APPLY',
      'KEEP',
      'PARALLEL',
    ]);
  });

  test.each([
    'https://me:hunter2@h/r',
    'https://hunter2@h/r',
    'https://me:hunt/er2@h/r',
    'ssh://me:hunter2@h/r',
    'https://h/r?token=hunter2',
    'https://h/r.git#hunter2',
    'ssh://h/r?access_token=hunter2',
  ])('a secret in the URL is refused, and is not repeated: %s', (MANIFESTS_URL) => {
    const problems = problemsOf({ MANIFESTS_URL });
    expect(problems).toContain('a password or token: give the id of a credential as MANIFESTS_CREDENTIALS');
    expect(problems).not.toMatch(/hunt/);
  });

  test.each([
    'ssh://git@h:22/r',
    'https://h:8443/a@b',
    'git@h:r',
    'https://git.example.com/ops/puppet-control.git',
    'org-123@github.example.com:ops/puppet.git',
    'ssh://git@[2001:db8::1]:2222/~ops/puppet.git',
    'git@h:~ops/puppet.git',
    'file:///srv/git/puppet.git',
    '/srv/git/puppet.git',
    'git://h/r',
  ])('no secret is seen in %s', (MANIFESTS_URL) => {
    expect(problemsOf({ MANIFESTS_URL })).toBe('');
  });

  test('whatever is accepted can be no flag, leaves no folder and is of one line', () => {
    const nasty = fc.string({ unit: fc.constantFrom(...odd) });
    const text = ['NODES', 'KEEP', 'REASON', 'MANIFESTS_URL', 'MANIFESTS_REF', 'MANIFESTS_DIR', 'PARALLEL'];
    const names = [...text, 'BAKEHOUSE_NODES', 'BAKEHOUSE_MANIFESTS'];
    let accepted = 0;
    fc.assert(
      fc.property(fc.constantFrom(...names), nasty, (name, value) => {
        const read = readParameters({ [name]: value });
        if ('problems' in read) {
          expect(read.problems).toHaveLength(1);
          expect(read.problems[0]).toContain(name);
          return;
        }
        accepted += 1;
        for (const text of [...read.nodes, read.nodesFile, read.manifests, read.reason])
          expect(text).not.toMatch(/\p{Cc}/u);
        for (const node of read.nodes) expect(node).toMatch(/^[a-z0-9][a-z0-9-]*$/);
        for (const place of [read.nodesFile, read.manifests])
          expect(place).not.toMatch(/^[-/]|(^|\/)\.\.(\/|$)/);
      }),
      runs(5_000),
    );
    expect(accepted).toBeGreaterThan(shareOf(100));
  });
});
