import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RegisterImageCommand } from '@aws-sdk/client-ec2';
import {
  type CleanupCloud,
  type CleanupEnd,
  decisionOn,
  keepOne,
  type Made,
  rowOf,
  startCleanupCloud,
  without,
} from './cleanup-cloud.ts';
import * as uses from './image-uses.ts';

/** What is used stays whatever its age, and goes once nothing uses it any more: all by the real processes. */

const minutes = 60_000;
let cloud: CleanupCloud;

beforeAll(async () => {
  cloud = await startCleanupCloud();
}, 5 * minutes);
afterAll(async () => {
  await cloud.stop();
}, 2 * minutes);

/** Of each use: what the table says. An image that only this uses is there for each of them. */
const cases: Record<string, { use: uses.Use; reason: RegExp }> = {
  'an old launch template version that a group pins': {
    use: uses.pinnedOldVersion,
    reason:
      /used by launch template of-ami-\w+ \(lt-\w+\) version 1 \(pinned by Auto Scaling group group-of-/,
  },
  'an old launch template version that nothing pins': {
    use: uses.unpinnedOldVersion,
    reason: /used by ec2:LaunchTemplate arn:\S+:launch-template\/lt-\w+ \(says EC2\)$/,
  },
  'a stopped instance': { use: uses.stoppedInstance, reason: /used by instance i-\w+ \(stopped\)$/ },
  'a launch configuration': {
    use: uses.launchConfiguration,
    reason: /used by launch configuration configuration-of-ami-\w+$/,
  },
  'a spot request': { use: uses.spotRequest, reason: /used by spot request sir-\w+ \(open\)$/ },
  'a parameter': { use: uses.parameter, reason: /used by parameter \/images\/ami-\w+$/ },
  'a child image': { use: uses.childImage, reason: /used by image child-\d+ \(ami-\w+\) made from it$/ },
  'another account': { use: uses.launchPermission, reason: /used by account 210987654321$/ },
  'the tag bakehouse:keep': { use: uses.keepTag, reason: /has the tag bakehouse:keep$/ },
  'deregistration protection': {
    use: uses.deregistrationProtection,
    reason: /protected from deregistration \(enabled-without-cooldown\)$/,
  },
};

describe('cleanup --keep 1', () => {
  const used = new Map<string, { image: Made; undo: uses.Undo }>();
  let unused: Made;
  let forgotten: Made;
  let sharing: Made;
  let shared: { image: Made; undo: uses.Undo };
  let newest: Made;
  let others: string[];
  let end: CleanupEnd;
  let gone: string[];

  beforeAll(async () => {
    for (const [name, { use }] of Object.entries(cases)) {
      const image = await cloud.image('redis');
      used.set(name, { image, undo: await use(cloud, image) });
    }
    unused = await cloud.image('redis');
    // Of eleven versions before the newest, EC2's own list sees ten.
    forgotten = await cloud.image('redis');
    await uses.oldVersion(cloud, forgotten, 11);
    sharing = await cloud.image('redis');
    const image = await register('redis-1690000000', sharing.snapshot);
    shared = { image, undo: await uses.keepTag(cloud, image) };
    const foreign = [
      await cloud.image('', { name: 'golden-1', untagged: true }),
      await cloud.image('', { name: 'redis-1690000001', untagged: true }),
      await cloud.image('zookeeper'),
    ];
    others = foreign.flatMap(({ id, snapshot }) => [id, snapshot]);
    newest = await cloud.image('redis');
    const before = await cloud.ids();
    end = await cloud.cleanup(['redis'], [...keepOne, '--apply']);
    const now = new Set(await cloud.ids());
    gone = before.filter((id) => !now.has(id));
  }, 2 * minutes);

  test.each(Object.entries(cases))('keeps what %s uses, and says so', (name, { reason }) => {
    const image = used.get(name)?.image ?? unused;
    expect(rowOf(end, image)).toMatch(reason);
    expect(rowOf(end, image)).toMatch(/ keep /);
    const decision = decisionOn(end, image);
    expect(decision).toMatchObject({ action: 'keep', reason: { text: expect.stringMatching(reason) } });
    expect(gone).not.toContain(image.id);
    expect(gone).not.toContain(image.snapshot);
  });

  test('deletes what nothing uses with its snapshot, and nothing else', () => {
    expect(end).toMatchObject({ exitCode: 0, stderr: '' });
    expect(gone).toEqual([unused.id, unused.snapshot, forgotten.id, forgotten.snapshot, sharing.id].sort());
    expect(rowOf(end, unused)).toMatch(
      / deleted +verified, but number \d of the verified images \(keep: 1\)/,
    );
    expect(decisionOn(end, unused).outcome).toMatchObject({
      kind: 'deleted',
      deletedSnapshots: [unused.snapshot],
    });
    expect(decisionOn(end, newest)).toMatchObject({ action: 'keep', reason: { kind: 'newest-verified' } });
  });

  test('keeps a snapshot that another image is made of, too', () => {
    expect(decisionOn(end, sharing).outcome).toMatchObject({
      kind: 'deleted',
      deletedSnapshots: [],
      keptSnapshots: [{ id: sharing.snapshot, why: `${shared.image.id} is made from it, too` }],
    });
  });

  test(
    'lets all of them go once nothing uses them any more, and never what no bake of its nodes made',
    async () => {
      for (const { undo } of [...used.values(), shared]) await undo();
      const before = await cloud.ids();
      const again = await cloud.cleanup(['redis'], [...keepOne, '--apply']);
      expect(again).toMatchObject({ exitCode: 0, stderr: '' });
      const images = [...used.values(), shared].map(({ image }) => image);
      const now = await cloud.ids();
      expect(now).toEqual(without(before, ...images));
      for (const { id } of images) expect(before).toContain(id);
      expect(now).toEqual(expect.arrayContaining(others));
    },
    2 * minutes,
  );
});

/** An image of a snapshot that there is. */
async function register(name: string, snapshot: string): Promise<Made> {
  const { ImageId: id = '' } = await cloud.ec2.send(
    new RegisterImageCommand({
      Name: name,
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshot } }],
      TagSpecifications: [{ ResourceType: 'image', Tags: [{ Key: 'bakehouse:node', Value: 'redis' }] }],
    }),
  );
  return { id, snapshot };
}
