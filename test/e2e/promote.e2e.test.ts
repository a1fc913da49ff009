import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DescribeLaunchTemplateVersionsCommand } from '@aws-sdk/client-ec2';
import { stage } from '../cli/stage-process.ts';
import { StageProcess } from './build-process.ts';
import { writesAmong } from './cleanup-cloud.ts';
import { inService, type PromoteSite, startPromoteSite } from './promote-site.ts';

/** promote by the real process, in three regions of the local cloud; its images are copies of the base, not bakes. */

const minutes = 60_000;

let site: PromoteSite;
beforeAll(async () => {
  site = await startPromoteSite();
}, 5 * minutes);
afterAll(async () => {
  await site.cloud.stop();
}, 2 * minutes);

describe('promote', () => {
  let first: { id: string; name: string };
  let second: typeof first;
  beforeAll(async () => {
    await site.newNode('web');
    first = await site.bake('web');
  });

  test('says what it would do, and writes nothing', async () => {
    site.cloud.forgetCalls();
    const end = await site.promote();
    expect(end).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('1 node would be promoted'),
    });
    expect(writesAmong(site.cloud.calls())).toEqual([]);
    expect(site.record('web')).toMatchObject({ applied: false, image: first.id });
  });

  test('with --apply puts the image into service in three regions and for another account', async () => {
    const end = await site.promote('--apply');
    expect(end).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 node promoted') });
    expect(await site.placesOf('web')).toEqual(inService(first.name));
    expect(site.record('web')).toMatchObject({ applied: true, image: first.id, problems: [] });
  });

  test('again it has nothing to do, and writes nothing', async () => {
    site.cloud.forgetCalls();
    const end = await site.promote('--apply', '--verbose');
    expect(end).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('1 node current already'),
    });
    expect(writesAmong(site.cloud.calls())).toEqual([]);
    // Images, parameter, template and other account, each once in a region.
    expect(site.cloud.calls()).toHaveLength(12);
    expect(end.stderr).toContain('ssm:GetParameters 3 calls');
  });

  test('is what status shows: the newest image is current in all regions, and the launch templates use it', async () => {
    site.cloud.forgetCalls();
    const end = await stage('status', site.args(), { env: site.cloud.env });
    expect(end).toMatchObject({ exitCode: 0, stderr: '' });
    expect(end.stdout).toMatch(new RegExp(`^web +${first.id} +.* verified +newest +3 +-$`, 'm'));
    expect(writesAmong(site.cloud.calls())).toEqual([]);
  });

  test('is shown by status as far as regions answer: exit code 4, and nothing unknown counts as unused', async () => {
    const denied = { code: 'UnauthorizedOperation', status: 403 };
    site.cloud.order({ region: 'us-west-2', action: 'DescribeImages', error: denied });
    const end = await stage('status', site.args('--json'), { env: site.cloud.env });
    site.cloud.order();
    expect(end.exitCode).toBe(4);
    expect(JSON.parse(end.stdout)).toMatchObject({
      problems: [expect.stringContaining('not known in us-west-2: DescribeImages was denied')],
      nodes: [
        {
          current: [{ original: first.id }, { original: first.id }, { unknown: expect.anything() }],
          images: [{ id: first.id, currentIn: ['us-east-1', 'eu-west-1'], usersUnknownIn: ['us-west-2'] }],
        },
      ],
    });
  });

  test('puts a second image into service, and back again in one call', async () => {
    second = await site.bake('web');
    expect((await site.promote('--apply')).exitCode).toBe(0);
    expect(await site.placesOf('web')).toEqual(inService(second.name, first.name));
    const back = await site.promote('--rollback', '--node', 'web', '--apply');
    expect(back).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('1 node rolled back'),
    });
    expect(await site.placesOf('web')).toEqual(inService(first.name, second.name));
  });

  test('leaves the rolled back image out until it is named', async () => {
    const end = await site.promote('--apply');
    expect(end.stdout).toContain(`--image ${second.id} puts it back`);
    expect(await site.placesOf('web')).toEqual(inService(first.name, second.name));
    expect((await site.promote('--apply', '--image', second.id)).exitCode).toBe(0);
    expect(await site.placesOf('web')).toEqual(inService(second.name, first.name));
  });

  test.each([
    ['an image that is gone', 'ami-0123456789abcdef0', 'is not in us-east-1'],
    ['the image of another maker', undefined, 'is not ours'],
  ])('refuses %s with exit code 3', async (_, id, why) => {
    const end = await site.promote('--apply', '--image', id ?? site.cloud.base);
    expect(end).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(why) });
  });
});

/** A call that the SDK tries again for a minute: so long promote is in the middle. */
const busy = (action: string, more: object = {}) => ({
  ...{ action, error: { code: 'RequestLimitExceeded', status: 503 } },
  ...more,
});

describe('kill -9', () => {
  test.each([
    ['before the copies', 'CopyImage', { region: 'us-west-2' }],
    ['before the permissions', 'ModifyImageAttribute', { region: 'us-west-2' }],
    ['at the tags', 'CreateTags', { region: 'us-west-2' }],
    ['between two parameters', 'PutParameter', { region: 'us-west-2' }],
    ['before a version of a template', 'CreateLaunchTemplateVersion', { region: 'eu-west-1' }],
    ['before it is in service', 'ModifyLaunchTemplate', { region: 'eu-west-1' }],
  ])(
    '%s, and run again, ends as one that was not killed',
    async (place, action, more) => {
      const node = `kill-${place.replace(/\W+/g, '-')}`;
      await site.newNode(node);
      const one = await site.bake(node);
      expect((await site.promote('--apply')).exitCode).toBe(0);
      const two = await site.bake(node);
      site.cloud.order(busy(action, more));
      site.cloud.forgetCalls();
      const running = new StageProcess('promote', site.args('--apply'), site.cloud.env);
      await site.cloud.called(action, 503);
      running.child.kill('SIGKILL');
      await running.ended;
      site.cloud.order();
      for (const { current } of await site.placesOf(node)) expect([one.name, two.name]).toContain(current);
      // The lock of a killed run ends after two minutes: whoever knows that it is dead deletes it.
      await site.forgetLock(node);
      expect(await site.promote('--apply')).toMatchObject({ exitCode: 0 });
      expect(await site.placesOf(node)).toEqual(inService(two.name, one.name));
      for (const { ec2 } of site.clients) {
        const { LaunchTemplateVersions: versions } = await ec2.send(
          new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: node }),
        );
        expect(versions).toHaveLength(3);
      }
    },
    3 * minutes,
  );
});

describe('a fault', () => {
  test('of a region that is not enabled is said before anything is written, beside all others', async () => {
    await site.newNode('far', ', ap-south-1: {}');
    site.cloud.order({
      service: 'ssm',
      region: 'us-west-2',
      action: 'GetParameters',
      error: { code: 'AccessDeniedException', status: 400 },
    });
    site.cloud.forgetCalls();
    await site.bake('far');
    const writes = writesAmong(site.cloud.calls()).length;
    const end = await site.promote('--apply');
    site.cloud.order();
    expect(end.exitCode).toBe(4);
    expect(end.stdout).toMatch(/ap-south-1: the region is not enabled/);
    expect(end.stdout).toMatch(/us-west-2: GetParameters was denied/);
    // A region that is not enabled does not know the key: it logs a call without its name.
    const after = writesAmong(site.cloud.calls()).filter((action) => action !== '?');
    expect(after).toHaveLength(writes);
  });

  test('of a copy is said in the words of EC2, moves no pointer, and the next run makes the copy anew', async () => {
    await site.newNode('copied');
    const one = await site.bake('copied');
    site.cloud.order({
      action: 'CopyImage',
      region: 'eu-west-1',
      copy: { seconds: 1, failure: 'Given key is disabled' },
    });
    const end = await site.promote('--apply');
    site.cloud.order();
    expect(end).toMatchObject({
      exitCode: 3,
      stdout: expect.stringContaining('Given key is disabled'),
    });
    expect((await site.placesOf('copied')).map(({ current }) => current)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(await site.promote('--apply')).toMatchObject({ exitCode: 0 });
    expect(await site.placesOf('copied')).toEqual(inService(one.name));
  });

  test('of a token that expires between the pointers ends with exit code 4, and the next run goes on at once', async () => {
    await site.newNode('late');
    const one = await site.bake('late');
    site.cloud.order({
      action: 'PutParameter',
      region: 'us-west-2',
      error: { code: 'ExpiredTokenException', status: 400 },
    });
    const end = await site.promote('--apply');
    site.cloud.order();
    expect(end.exitCode).toBe(4);
    expect(end.stdout).toMatch(/us-west-2: PutParameter: AWS refuses these credentials/);
    expect((await site.placesOf('late')).map(({ current }) => current)).toEqual([
      one.name,
      one.name,
      undefined,
    ]);
    expect(await site.promote('--apply')).toMatchObject({ exitCode: 0 });
    expect(await site.placesOf('late')).toEqual(inService(one.name));
  });

  test('of a copy that takes its time is waited for, and a signal leaves it to the next run', async () => {
    await site.newNode('slow');
    const one = await site.bake('slow');
    site.cloud.order({ action: 'CopyImage', copy: { seconds: 8 } });
    const running = new StageProcess('promote', site.args('--apply'), site.cloud.env);
    await running.says('copying to eu-west-1, us-west-2');
    await site.cloud.called('CopyImage', 200);
    running.child.kill('SIGTERM');
    expect(await running.ended).toEqual({ code: 143, signal: null });
    expect((await site.placesOf('slow')).map(({ current }) => current)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(await site.promote('--apply')).toMatchObject({ exitCode: 0 });
    site.cloud.order();
    expect(await site.placesOf('slow')).toEqual(inService(one.name));
  });
});
