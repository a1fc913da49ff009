import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CreateTagsCommand, DescribeRegionsCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { StageProcess } from './build-process.ts';
import {
  type CleanupCloud,
  decisionOn,
  keepOne,
  readReport,
  rowOf,
  startCleanupCloud,
  without,
} from './cleanup-cloud.ts';
import { launch } from './image-uses.ts';

/** Cleanups that are cut off in the middle, or that EC2 tells what was true some seconds ago. */

const minutes = 60_000;
const apply = [...keepOne, '--apply'];
let cloud: CleanupCloud;

beforeAll(async () => {
  cloud = await startCleanupCloud();
}, 5 * minutes);
afterAll(async () => {
  await cloud.stop();
}, 2 * minutes);

/** A call that cleanup tries again for a minute: so long it is in the middle, and the deed is not done. */
const busy = (action: string, more: object = {}) => ({
  action,
  error: { code: 'RequestLimitExceeded', status: 503 },
  ...more,
});

/** Starts a cleanup, and answers once the call of it was refused. */
async function startUntil(node: string, action: string, ...more: string[]) {
  const { file, reports } = cloud.flags([node]);
  cloud.forgetCalls();
  const args = ['--nodes', file, '--reports', reports, ...apply, ...more];
  const running = new StageProcess('cleanup', args, cloud.env);
  await cloud.called(action, 503).catch((error: unknown) => {
    throw new Error(`${running.stderr}${running.stdout}`, { cause: error });
  });
  return { running, reports };
}

describe('kill -9', () => {
  test.each([
    ['before an image goes', 'DeregisterImage', 0, []],
    ['between an image and its snapshot', 'DeleteSnapshot', 0, []],
    ['between two images', 'DeregisterImage', 1, []],
    ['between an image and its snapshot, the second time', 'DeleteSnapshot', 1, []],
    ['between the tag and the disabling', 'DisableImage', 0, ['--disable-first', '1']],
  ])(
    '%s leaves nothing that the next cleanup does not delete',
    async (place, action, after, more) => {
      const node = place.replace(/\W+/g, '-');
      const [first, second] = await cloud.images(node, 3);
      const before = await cloud.ids();
      cloud.order(busy(action, { after }));
      const { running } = await startUntil(node, action, ...more);
      running.child.kill('SIGKILL');
      expect(await running.ended).toEqual({ code: null, signal: 'SIGKILL' });
      cloud.order();
      // The newer one comes last.
      expect(await cloud.ids()).toContain(second.snapshot);

      expect(await cloud.cleanup([node], apply)).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await cloud.ids()).toEqual(without(before, first, second));
    },
    2 * minutes,
  );
});

test(
  'SIGTERM ends cleanup with 143 after the image that it is at; cleanup.json says what was not done',
  async () => {
    const [first, second, third] = await cloud.images('signal', 4);
    const before = await cloud.ids();
    cloud.order(busy('DeleteSnapshot', { times: 2 }));
    const { running, reports } = await startUntil('signal', 'DeleteSnapshot');
    running.child.kill('SIGTERM');
    expect(await running.ended).toEqual({ code: 143, signal: null });
    cloud.order();
    expect(running.stderr).toBe('cleanup: SIGTERM: cleaning up before the end\n');
    expect(await cloud.ids()).toEqual(without(before, first));
    const end = {
      exitCode: 143,
      stdout: running.stdout,
      stderr: running.stderr,
      report: readReport(reports),
    };
    expect(decisionOn(end, first).outcome).toMatchObject({
      kind: 'deleted',
      deletedSnapshots: [first.snapshot],
    });
    for (const image of [second, third ?? second]) {
      const outcome = { kind: 'not-done', why: 'interrupted before its turn' };
      expect(decisionOn(end, image).outcome).toMatchObject(outcome);
      expect(rowOf(end, image)).toMatch(/ not done .*; interrupted before its turn$/);
    }
    expect(end.stdout).toContain('1 image and 1 snapshot deleted, 2 not done');
  },
  2 * minutes,
);

/**
 * EC2 promises no more than that every read sees a write in the end. Cleanup looks at everything for its decision, and
 * once more at each image just before it goes, so that a read that was late for the decision does no harm. A user who
 * came in the last seconds before the last look, by a read that is late there as well, cannot be known by anybody;
 * EC2 deregisters an image that runs, too: what runs goes on, only its replacement would fail.
 */
describe('reads that are late', () => {
  /** The cloud reads its list of faults with a call, and remembers the writes from then on. */
  async function order(...faults: object[]): Promise<void> {
    cloud.order(...faults);
    await cloud.ec2.send(new DescribeRegionsCommand({}));
  }
  const late = (action: string, times: number) => ({ action, staleReadsSeconds: 60, times });

  test(
    'for the decision: the last look sees an instance that was launched just before',
    async () => {
      const [old] = await cloud.images('launched', 2);
      const before = await cloud.ids();
      await order(late('DescribeInstances', 2), late('DescribeImageReferences', 1));
      const instance = await launch(cloud.ec2, old);
      const end = await cloud.cleanup(['launched'], apply);
      cloud.order();
      await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance] }));
      expect(end).toMatchObject({ exitCode: 0, stderr: '' });
      expect(decisionOn(end, old)).toMatchObject({ action: 'delete', outcome: { kind: 'spared' } });
      expect(rowOf(end, old)).toMatch(new RegExp(` keep .*; it is used by instance ${instance} .* now$`));
      expect(await cloud.ids()).toEqual(before);
    },
    2 * minutes,
  );

  test(
    'for the decision: the last look sees that verify has just passed an image',
    async () => {
      const old = await cloud.image('passed', { tags: { 'bakehouse:verified': '' } });
      await cloud.image('passed', { tags: { 'bakehouse:verified': '' } });
      const before = await cloud.ids();
      await order(late('DescribeImages', 1));
      const Tags = [{ Key: 'bakehouse:verified', Value: 'true' }];
      await cloud.ec2.send(new CreateTagsCommand({ Resources: [old.id], Tags }));
      const end = await cloud.cleanup(['passed'], apply);
      cloud.order();
      expect(end).toMatchObject({ exitCode: 0, stderr: '' });
      expect(decisionOn(end, old)).toMatchObject({ action: 'delete', outcome: { kind: 'spared' } });
      expect(rowOf(end, old)).toMatch(/ keep +not verified,.*; it is verified now$/);
      expect(await cloud.ids()).toEqual(before);
    },
    2 * minutes,
  );

  test(
    'of all kinds: a second cleanup right after the first does no harm, and has no trouble',
    async () => {
      const [old] = await cloud.images('twice', 2);
      const before = await cloud.ids();
      await order({ action: 'Describe*', staleReadsSeconds: 10 });
      const first = await cloud.cleanup(['twice'], apply);
      const second = await cloud.cleanup(['twice'], apply);
      cloud.order();
      expect(first).toMatchObject({ exitCode: 0, stderr: '' });
      expect(second).toMatchObject({ exitCode: 0, stderr: '' });
      // It was told that the image is still there.
      expect(rowOf(second, old)).not.toContain('no line has');
      expect(await cloud.ids()).toEqual(without(before, old));
    },
    2 * minutes,
  );
});
