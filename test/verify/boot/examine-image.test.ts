import { describe, expect, test } from '@jest/globals';
import type { ImageCase } from '../../../src/verify/verdict.ts';
import type { SshSession } from '../../../src/verify/boot/ssh-session.ts';
import type { Examined } from '../../../src/verify/boot/examine-image.ts';
import { ended, examine, sessionOf, type Over, refused, type Scene, shows } from './servers.ts';
import { StageError } from '../../../src/lib/errors.ts';

const fail = (exitCode: number | undefined, message: string) =>
  Promise.reject(exitCode === undefined ? new Error(message) : new StageError(message, exitCode));
const casesOf = ({ shown }: Examined) => {
  if ('unavailable' in shown) throw new Error(`nothing was shown: ${shown.unavailable}`);
  return shown;
};
const red = (end: Examined): ImageCase[] => casesOf(end).filter(({ problems }) => problems.length > 0);

/** The last probe of the services of a server. */
const last = (host: string) => `admin@${host} /k probe redis`;

/** After the launch everything must be removed, and then the key. */
function expectRemoved(done: string[]) {
  const launched = done.findIndex((what) => what.startsWith('launch'));
  expect(done.slice(launched).filter((what) => what === 'remove redis run-1')).toHaveLength(1);
  expect(done.at(-1)).toBe('forget the key');
}

describe('an examination', () => {
  test('probes two servers, then runs the trials on the first one, and leaves nothing', async () => {
    const trial = (name: string) => async (session: SshSession) => {
      await session.run(name, [], 1_000);
      return [{ name, problems: [`${name} failed`] }];
    };
    const { done, end } = examine({ over: { trials: [trial('checks'), trial('noop')] } });
    const examined = await end;
    expect(done).toEqual([
      'remove redis run-1',
      'say launching two servers of ami-1',
      'launch ami-1 of redis for run-1 with ssh-ed25519',
      'admin@10.0.0.1 /k probe redis+exim4',
      'admin@10.0.0.2 /k probe redis+exim4',
      'say examined both servers; now the checks on one of them',
      'admin@10.0.0.1 /k checks ',
      'admin@10.0.0.1 /k noop ',
      'admin@10.0.0.1 /k probe redis',
      'admin@10.0.0.2 /k probe redis',
      'remove redis run-1',
      'forget the key',
    ]);
    expect(red(examined)).toEqual([
      { name: 'checks', problems: ['checks failed'] },
      { name: 'noop', problems: ['noop failed'] },
    ]);
    expect(casesOf(examined).map(({ name }) => name)).toContain('has a machine id of its own');
  });

  test('waits for the second server, too, before it tries anything', async () => {
    const { done, end } = examine({
      answers: { '10.0.0.2': [refused, refused, refused, shows(2)] },
      over: { trials: [(session) => session.run('checks', [], 1).then(() => [])] },
    });
    expect(red(await end)).toEqual([]);
    const session = (host: string) =>
      done.filter((what) => what.startsWith(`admin@${host}`) && what !== last(host));
    expect(session('10.0.0.2')).toHaveLength(4);
    expect(done.indexOf('admin@10.0.0.1 /k checks ')).toBeGreaterThan(
      done.indexOf(session('10.0.0.2').at(-1) ?? ''),
    );
    expect(session('10.0.0.1')).toHaveLength(2);
  });

  test('compares the servers with each other and with the bake', async () => {
    const { end } = examine({
      answers: { '10.0.0.2': [shows(2, { machineId: 'machine-1', hostKeys: ['SHA256:rsa-0'] })] },
    });
    expect(red(await end).map(({ name }) => name)).toEqual([
      'has a machine id of its own',
      'has ssh host keys of its own',
    ]);
  });

  test('reaches a server by its private address where Packer would', async () => {
    const { done, end } = examine({
      yaml: 'redis: {group: redis, packer: {ssh_interface: private_ip}}',
      answers: { '192.168.0.1': [shows(1)], '192.168.0.2': [shows(2)] },
    });
    expect(red(await end)).toEqual([]);
    expect(done).toContain('admin@192.168.0.1 /k probe redis+exim4');
  });

  test('sends a word to the probe even where no service is known', async () => {
    const words: string[] = [];
    const ssh: Over['ssh'] = () =>
      sessionOf({
        run: (_, args) => {
          words.push(...args);
          return Promise.resolve(shows(words.length));
        },
      });
    const { end } = examine({ bake: { hostKeys: [] }, over: { ssh } });
    await end;
    // An empty word would be lost on its way through a shell.
    for (const word of words) expect(word).not.toBe('');
    expect(words).toHaveLength(2);
  });

  test('says what is left behind', async () => {
    let removals = 0;
    const remove = () => Promise.resolve((removals += 1) > 1 ? ['i-1 (denied)'] : []);
    const { done, end } = examine({ over: { remove } });
    expect(await end).toMatchObject({ leftovers: ['i-1 (denied)'] });
    expect(done.slice(-2)).toEqual(['forget the key', 'say warning: could not be removed: i-1 (denied)']);
  });
});

describe('a server', () => {
  test('that is not listed yet, is pending or refuses us is tried again', async () => {
    const { done, end } = examine({
      states: { 'i-1': [undefined, 'pending', 'running'] },
      answers: { '10.0.0.1': [refused, ended(255), shows(1)] },
    });
    expect(red(await end)).toEqual([]);
    expect(done.filter((what) => what === 'admin@10.0.0.1 /k probe redis+exim4')).toHaveLength(3);
  });

  test.each<[string, Scene, string]>([
    [
      'refuses us to the end',
      { answers: { '10.0.0.2': [refused] } },
      'i-2 did not let us in within 60 s (ssh: ssh: connect to host 10.0.0.1 port 22: Connection refused); its console ends with:\ni-2: Kernel panic',
    ],
    [
      'stays pending',
      { states: { 'i-2': ['pending'] } },
      'i-2 did not let us in within 60 s (it is pending); its console ends with:\ni-2: Kernel panic',
    ],
    [
      'is never listed',
      { states: { 'i-2': [undefined] } },
      'i-2 did not let us in within 60 s (EC2 does not list it); its console ends with:\ni-2: Kernel panic',
    ],
    [
      'ends by itself',
      {
        states: { 'i-2': ['pending', 'running', 'shutting-down', 'terminated'] },
        answers: { '10.0.0.2': [refused] },
      },
      'i-2 is terminated: it ended by itself; its console ends with:\ni-2: Kernel panic',
    ],
    [
      'stops',
      { states: { 'i-2': ['stopped'] } },
      'i-2 is stopped: it ended by itself; its console ends with:\ni-2: Kernel panic',
    ],
    [
      'has no console',
      { states: { 'i-2': ['stopped'] }, over: { consoleTail: () => fail(undefined, 'denied') } },
      'i-2 is stopped: it ended by itself; its console ends with:\n(not available: denied)',
    ],
    [
      'lets us do nothing',
      { answers: { '10.0.0.2': [ended(1, '', 'sudo: a password is required')] } },
      'i-2 could not be examined: sudo: a password is required',
    ],
    [
      'does not answer in time',
      { answers: { '10.0.0.2': [ended(undefined, '', 'it took too long')] } },
      'i-2 could not be examined: it took too long',
    ],
    [
      'tells half of it',
      { answers: { '10.0.0.2': [ended(0, 'system\trunning\n')] } },
      'i-2 could not be examined: its answer is cut off',
    ],
  ])('that %s rejects the image', async (_, scene, problem) => {
    const { done, end } = examine(scene);
    expect(casesOf(await end)).toEqual([{ name: 'boots', problems: [problem] }]);
    expectRemoved(done);
  });

  test('that could not be examined gets no trials', async () => {
    const trials = [() => Promise.reject(new Error('tried'))];
    const { end } = examine({ states: { 'i-1': ['terminated'] }, over: { trials } });
    expect(red(await end)).toHaveLength(1);
  });

  test('that was launched alone rejects the image', async () => {
    const { end } = examine({ over: { launch: () => Promise.resolve(['i-1']) } });
    expect(casesOf(await end)).toEqual([
      { name: 'boots', problems: ['fewer than two servers were examined'] },
    ]);
  });
});

describe('whatever happens', () => {
  const refusal = (name: string) => Promise.reject(Object.assign(new Error('no'), { name, $metadata: {} }));

  test.each<[string, Over, string]>([
    [
      'a launch that is denied',
      { launch: () => fail(4, 'RunInstances was denied') },
      'RunInstances was denied',
    ],
    ['a group that does not exist', { launch: () => fail(3, 'no group web') }, 'no group web'],
    [
      'an instance type that does not exist',
      { launch: () => refusal('InvalidParameterValue') },
      'EC2 does not launch it: InvalidParameterValue: no',
    ],
    [
      'a quota',
      { launch: () => refusal('VcpuLimitExceeded') },
      'EC2 does not launch it: VcpuLimitExceeded: no',
    ],
    ['a cloud that is away', { describe: () => fail(4, 'EC2 cannot be reached') }, 'EC2 cannot be reached'],
    ['a trial that lacks its program', { trials: [() => fail(4, 'no goss')] }, 'no goss'],
  ])('%s says nothing of the image, and nothing is left', async (_, over, unavailable) => {
    const { done, end } = examine({ over });
    expect(await end).toEqual({ shown: { unavailable }, leftovers: [] });
    expect(done.filter((what) => what === 'remove redis run-1')).toHaveLength(2);
    expect(done.at(-1)).toBe('forget the key');
  });

  test.each<[string, Over, string]>([
    ['a trial that is wrong', { trials: [() => fail(2, 'no goss file')] }, 'no goss file'],
    ['a bug', { trials: [() => fail(undefined, 'a bug')] }, 'a bug'],
  ])('what %s throws is thrown, and nothing is left', async (_, over, message) => {
    const { done, end } = examine({ over });
    await expect(end).rejects.toThrow(message);
    expect(done.filter((what) => what === 'remove redis run-1')).toHaveLength(2);
    expect(done.at(-1)).toBe('forget the key');
  });

  test('an image that is gone fails', async () => {
    const { end } = examine({ over: { launch: () => refusal('InvalidAMIID.NotFound') } });
    expect(red(await end)).toEqual([{ name: 'boots', problems: ['InvalidAMIID.NotFound: no'] }]);
  });

  test.each([
    ['Server.InsufficientInstanceCapacity', false],
    ['Server.InternalError', false],
    ['Client.VolumeLimitExceeded', false],
    ['Client.UserInitiatedShutdown', false],
    ['Client.InstanceInitiatedShutdown', true],
  ])('a server that ends with %s speaks of the image: %s', async (reason, judged) => {
    const describe = () => Promise.resolve({ state: 'terminated', address: undefined, reason });
    const { done, end } = examine({ over: { describe } });
    const { shown } = await end;
    expect(Array.isArray(shown)).toBe(judged);
    expectRemoved(done);
  });

  const interrupted = { unavailable: 'verify --boot was interrupted' };

  test('an abort while a server boots says nothing of the image, and nothing is left', async () => {
    const abort = new AbortController();
    const trials = [() => Promise.reject(new Error('tried'))];
    const consoleTail = () => Promise.reject(new Error('asked'));
    const pause = () => {
      abort.abort();
      return Promise.resolve();
    };
    const answers = { '10.0.0.1': [refused], '10.0.0.2': [refused] };
    const { done, end } = examine({ abort, answers, over: { trials, consoleTail, pause } });
    expect((await end).shown).toEqual(interrupted);
    expectRemoved(done);
  });

  test('an abort while something is tried says nothing of the image, and begins no other trial', async () => {
    const abort = new AbortController();
    const cut = () => {
      abort.abort();
      return Promise.resolve([{ name: 'listens', problems: ['interrupted'] }]);
    };
    const { done, end } = examine({
      abort,
      over: { trials: [cut, () => Promise.reject(new Error('tried'))] },
    });
    expect((await end).shown).toEqual(interrupted);
    expectRemoved(done);
  });

  test('servers are launched only where nothing is left of an earlier examination', async () => {
    const { done, end } = examine({ over: { remove: () => Promise.resolve(['i-0 (denied)']) } });
    expect(await end).toEqual({
      shown: { unavailable: 'the servers that an earlier verify --boot left cannot be removed' },
      leftovers: ['i-0 (denied)'],
    });
    expect(done.some((what) => what.startsWith('launch'))).toBe(false);
    expect(done).toContain('forget the key');
  });

  test('the key is forgotten even when the removal throws', async () => {
    let removals = 0;
    const remove = () => ((removals += 1) === 2 ? fail(undefined, 'a bug') : Promise.resolve([]));
    const { done, end } = examine({ over: { remove } });
    await expect(end).rejects.toThrow('a bug');
    expect(done.at(-1)).toBe('forget the key');
  });
});
