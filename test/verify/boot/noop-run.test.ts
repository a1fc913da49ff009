import { describe, expect, test } from '@jest/globals';
import { type NoopDeps, noopRun, type NoopTask } from '../../../src/verify/boot/noop-run.ts';
import type { SshSession } from '../../../src/verify/boot/ssh-session.ts';
import { StageError } from '../../../src/lib/errors.ts';
import { evidenceOf, reportText } from '../evidence.ts';

const ended = (exitCode: number | undefined, stdout = '', stderr = '') => ({ exitCode, stdout, stderr });
const masterless: NoopTask = {
  node: 'redis',
  certname: 'redis-1.bake',
  run: 'run-1',
  puppetEnvironment: 'production',
  facts: { role: 'cache' },
};
const task: NoopTask = { ...masterless, puppetServer: 'puppet.example.com' };

const converged = reportText('unchanged').replace('noop: false', 'noop: true');
const steps = ['install', 'send', 'bootstrap', 'puppet', 'report'] as const;
type Step = (typeof steps)[number];
const good: Record<Step, ReturnType<typeof ended>> = {
  install: ended(0),
  send: ended(0),
  bootstrap: ended(0),
  puppet: ended(0, 'Notice: x\nbakehouse: puppet exit code 0\n'),
  report: ended(0, converged),
};

/** Which step a script is. */
function stepOf(script: string): Step {
  if (script.includes('the text of bootstrap.sh')) return 'bootstrap';
  if (script.includes('the text of puppet.sh')) return 'puppet';
  return script.startsWith('cat ') ? 'report' : 'install';
}

/** A noop run in which the steps end as said; what is done is written down. */
function noop(
  ends: Partial<typeof good> = {},
  over: Partial<NoopDeps> = {},
  of: NoopTask = task,
  sessionOver: Partial<SshSession> = {},
) {
  const done: string[] = [];
  const scripts: string[] = [];
  const session: SshSession = {
    run: (script, args) => {
      expect(args).toEqual([]);
      done.push(stepOf(script));
      scripts.push(script);
      return Promise.resolve({ ...good, ...ends }[stepOf(script)]);
    },
    send: (file, path) => {
      done.push(`send ${file} to ${path}`);
      return Promise.resolve({ ...good, ...ends }.send);
    },
    ...sessionOver,
  };
  const deps: NoopDeps = {
    collect: async (one, use) => {
      done.push(`collect ${one.certname}`);
      try {
        return await use('/tmp/x/upload.tar');
      } finally {
        done.push('take the upload away');
      }
    },
    discard: (upload) => {
      done.push(`discard ${upload}`);
      return Promise.resolve();
    },
    script: (name) => Promise.resolve(`the text of ${name}`),
    evidence: (report, console) => {
      done.push('keep');
      return Promise.resolve(evidenceOf(report, console));
    },
    cleanCertificate: (server, certname) => {
      done.push(`clean ${certname} on ${server}`);
      return Promise.resolve(undefined);
    },
    progress: (line) => void done.push(`say ${line}`),
    ...over,
  };
  return { done, scripts, end: noopRun(of, session, [], deps) };
}

const clean = 'clean redis-1.bake on puppet.example.com';
const send = 'send /tmp/x/upload.tar to /var/lib/bakehouse-bake/upload.tar';
const away = 'take the upload away';

describe('a noop run', () => {
  test('goes step by step, between two cleanings of its certificate', async () => {
    const { done, end } = noop();
    expect(await end).toEqual([{ name: 'puppet noop run', group: 'Converge', problems: [] }]);
    expect(done).toEqual([
      clean,
      'collect redis-1.bake',
      'install',
      send,
      'discard /tmp/x/upload.tar',
      'bootstrap',
      'puppet',
      'report',
      'keep',
      away,
      clean,
    ]);
  });

  test('asks no server for anything where the node has none', async () => {
    const { done, end } = noop({}, {}, masterless);
    expect((await end)[0]?.problems).toEqual([]);
    expect(done.filter((what) => what.startsWith('clean'))).toEqual([]);
  });

  test.each([
    [task, 'agent'],
    [masterless, 'apply'],
  ])('tells puppet.sh to change nothing: %j', async (of, mode) => {
    const { scripts, end } = noop({}, {}, of);
    await end;
    const words = scripts.find((script) => stepOf(script) === 'puppet')?.split(/\s+/);
    expect(words).toEqual(expect.arrayContaining([`MODE=${mode}`, 'NOOP=yes']));
    expect(words?.indexOf('NOOP=yes')).toBeLessThan(words?.indexOf('puppet.sh') ?? 0);
  });

  test('says what Puppet would still change', async () => {
    const pending = reportText('changed')
      .replace('noop: false', 'noop: true')
      .replace('status: success', 'status: noop');
    expect(pending).not.toBe(reportText('changed'));
    const cases = await noop({ report: ended(0, pending) }).end;
    expect(cases.filter(({ problems }) => problems.length > 0).map(({ name }) => name)).toEqual([
      'File[/etc/redis/redis.conf]',
    ]);
  });

  test.each([
    ['Puppet said no exit code', ended(0, 'Notice: x\n'), 'the noop run ended with exit code unknown'],
    [
      'Puppet ended with 1',
      ended(0, 'bakehouse: puppet exit code 1\n'),
      'the noop run ended with exit code 1',
    ],
    ['another line has the words', ended(0, 'Notice: bakehouse: puppet exit code 0\n'), 'unknown'],
  ])('fails when %s', async (_, puppet, problem) => {
    expect((await noop({ puppet }).end)[0]?.problems).toEqual([expect.stringContaining(problem)]);
  });

  test.each<[Step, ReturnType<typeof ended>, string]>([
    ['install', ended(255, '', 'x\nreset'), 'the server takes no files: reset'],
    ['send', ended(1, '', 'No space left'), 'the server takes no files: No space left'],
    [
      'puppet',
      ended(undefined, '', 'it took too long'),
      'Puppet could not be run on the server: it took too long',
    ],
    ['report', ended(255, '', 'reset'), 'the report of the noop run could not be read: reset'],
  ])('is one failed case when the step %s fails, and nothing more is done', async (step, how, problem) => {
    const { done, end } = noop({ [step]: how });
    expect(await end).toEqual([{ name: 'puppet noop run', group: 'Converge', problems: [problem] }]);
    const all = ['install', send, 'bootstrap', 'puppet', 'report'];
    expect(done.filter((what) => !what.startsWith('discard'))).toEqual([
      clean,
      'collect redis-1.bake',
      ...all.slice(0, steps.indexOf(step) + 1),
      away,
      clean,
    ]);
  });

  const unreachable =
    "Error: Could not request certificate: Failed to open TCP connection to puppet.example.com:8140 (Connection refused - connect(2) for 'puppet.example.com' port 8140)\n";
  const unsigned =
    "Couldn't fetch certificate from CA server; you might still need to sign this agent's certificate (redis-1.bake). Exiting now because the waitforcert setting is set to 0.\n";
  test.each<[string, Partial<typeof good>, Partial<NoopDeps>, RegExp]>([
    [
      'Puppet cannot be installed',
      { bootstrap: ended(100, '', 'E: no package') },
      {},
      /made ready on the server: E: no package$/,
    ],
    [
      'the Puppet server is away',
      { puppet: ended(0, unreachable), report: ended(0) },
      {},
      /puppet\.example\.com/,
    ],
    ['nobody signs the certificate', { puppet: ended(0, unsigned), report: ended(0) }, {}, /redis-1\.bake/],
    [
      'what goes up cannot be collected',
      {},
      { collect: () => Promise.reject(new StageError('no space on this computer', 4)) },
      /no space/,
    ],
  ])('says nothing of the image when %s, and cleans its certificate', async (_, ends, over, message) => {
    const evidence: NoopDeps['evidence'] = (text, console) =>
      Promise.resolve(
        text === ''
          ? { report: { missing: 'no-report', message: 'there is none' }, console }
          : evidenceOf(text, console),
      );
    const { done, end } = noop(ends, { evidence, ...over });
    await expect(end).rejects.toMatchObject({ exitCode: 4, message: expect.stringMatching(message) });
    expect(done.filter((what) => what === clean)).toHaveLength(2);
  });

  const bug = () => Promise.reject(new Error('a bug'));
  test.each<[string, Partial<NoopDeps>, Partial<SshSession>]>([
    ['collecting', { collect: bug }, {}],
    ['reading a script', { script: bug }, {}],
    ['keeping the report', { evidence: bug }, {}],
    ['running', {}, { run: bug }],
    ['sending', {}, { send: bug }],
  ])('throws what %s throws, with the certificate cleaned all the same', async (_, over, session) => {
    const { done, end } = noop({}, over, task, session);
    await expect(end).rejects.toThrow('a bug');
    expect(done[0]).toBe(clean);
    expect(done.at(-1)).toBe(clean);
    expect(done.filter((what) => what === clean)).toHaveLength(2);
    expect(done.includes(away)).toBe(over.collect === undefined);
  });

  test('says that a certificate is left, and goes on', async () => {
    const { done, end } = noop({}, { cleanCertificate: () => Promise.resolve('403 Forbidden') });
    expect((await end)[0]?.problems).toEqual([]);
    const warning =
      'say [redis] warning: not cleaned: certificate redis-1.bake on puppet.example.com (403 Forbidden)';
    expect(done[0]).toBe(warning);
    expect(done.at(-1)).toBe(warning);
  });
});
