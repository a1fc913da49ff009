import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CreateTagsCommand } from '@aws-sdk/client-ec2';
import {
  type CleanupCloud,
  type CleanupEnd,
  decisionOn,
  keepOne,
  type Made,
  rowOf,
  startCleanupCloud,
  without,
  writesAmong,
} from './cleanup-cloud.ts';

/** What a person orders of cleanup, and what it then does. Each test has nodes of its own. */

const minutes = 60_000;
let cloud: CleanupCloud;

beforeAll(async () => {
  cloud = await startCleanupCloud();
}, 5 * minutes);
afterAll(async () => {
  await cloud.stop();
}, 2 * minutes);

describe('without --apply', () => {
  let old: Made;
  let later: Made;
  let planned: CleanupEnd;
  let file: string;

  beforeAll(async () => {
    [old, later] = await cloud.images('plan', 2);
    const before = await cloud.account();
    cloud.forgetCalls();
    planned = await cloud.cleanup(['plan'], keepOne);
    expect(writesAmong(cloud.calls())).toEqual([]);
    expect(await cloud.account()).toEqual(before);
    file = planFile(planned.report);
  }, 2 * minutes);

  test('a plan is made and nothing is changed', () => {
    expect(planned).toMatchObject({ exitCode: 0, stderr: '' });
    expect(rowOf(planned, old)).toMatch(/ delete +verified, but number 2 of the verified images \(keep: 1\)/);
    expect(planned.stdout).toContain(
      '1 image and 1 snapshot would be deleted (a plan only: --apply does it)',
    );
    expect(planned.report).toMatchObject({ schema: 1, applied: false });
  });

  test.each<[string, object, RegExp]>([
    ['another region', { region: 'eu-west-1' }, / is of the region eu-west-1, not us-east-1: /],
    ['another account', { account: '210987654321' }, / is of the account 210987654321, not \d+: /],
    ['another schema', { schema: 2 }, / is not one of cleanup's, of schema 1 /],
    ['the day before', { madeAt: hoursAgo(25) }, / is of \S+, over a day old \(--stale-ok takes it\): /],
  ])(
    'a plan of %s is refused',
    async (_, change, sentence) => {
      const before = await cloud.account();
      const wrong = planFile({ ...planned.report, ...change });
      const end = await cloud.cleanup(['plan'], [...keepOne, '--apply', '--cleanup-plan', wrong]);
      expect(end).toMatchObject({ exitCode: 2, stdout: '' });
      expect(end.stderr).toMatch(sentence);
      expect(end.stderr.startsWith(`cleanup: the plan ${wrong} is `)).toBe(true);
      expect(end.stderr).toContain('make a new one with cleanup without --apply');
      expect(end.stderr.split('\n')).toHaveLength(1);
      expect(await cloud.account()).toEqual(before);
    },
    2 * minutes,
  );

  test(
    '--apply --cleanup-plan does no more than the plan says, an old one with --stale-ok',
    async () => {
      await cloud.image('plan');
      const before = await cloud.ids();
      const stale = planFile({ ...planned.report, madeAt: hoursAgo(25) });
      const args = [...keepOne, '--apply', '--cleanup-plan', stale, '--stale-ok'];
      const end = await cloud.cleanup(['plan'], args);
      expect(end).toMatchObject({ exitCode: 0, stderr: '' });
      expect(rowOf(end, later)).toMatch(/ hold .*; held back: it is not in the plan$/);
      expect(await cloud.ids()).toEqual(without(before, old));
      // The same plan again finds nothing to do.
      const again = await cloud.cleanup(['plan'], [...keepOne, '--apply', '--cleanup-plan', file]);
      expect(again).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await cloud.ids()).toEqual(without(before, old));
    },
    2 * minutes,
  );
});

test(
  'fuses hold images back, the newer ones first, and say so',
  async () => {
    const all = await cloud.images('fuses', 8);
    const args = ['--keep', '1', '--min-age', '0s'];
    const held = (end: CleanupEnd) => all.filter((image) => decisionOn(end, image).action === 'hold');
    const [half, none] = await Promise.all([
      cloud.cleanup(['fuses'], args),
      cloud.cleanup(['fuses'], [...args, '--no-fuse']),
    ]);
    expect(held(half)).toEqual(all.slice(4, 7));
    for (const image of held(half))
      expect(rowOf(half, image)).toMatch(
        /; held back: one run deletes at most half of a node's 8, so 4 \(--no-fuse\)$/,
      );
    expect(held(none)).toEqual([]);
    expect(none.stdout).toContain('7 images and 7 snapshots would be deleted');

    const before = await cloud.ids();
    const applied = await cloud.cleanup(['fuses'], [...args, '--max-delete', '2', '--apply']);
    expect(applied).toMatchObject({ exitCode: 0, stderr: '' });
    expect(held(applied)).toEqual(all.slice(2, 7));
    expect(rowOf(applied, all[2] ?? all[0])).toMatch(
      / hold .*; held back: one run deletes at most 2 \(--max-delete\)$/,
    );
    expect(applied.stdout).toContain('2 images and 2 snapshots deleted, 5 held back');
    expect(await cloud.ids()).toEqual(without(before, all[0], all[1]));
  },
  2 * minutes,
);

test(
  '--disable-first disables an image, and deletes it when its days are over',
  async () => {
    const [old] = await cloud.images('disable', 2);
    const args = [...keepOne, '--apply', '--disable-first', '7'];
    const before = await cloud.ids();
    const start = Date.now();
    const first = await cloud.cleanup(['disable'], args);
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(rowOf(first, old)).toMatch(/ disabled /);
    const { Images } = await cloud.account();
    const disabled = Images.find(({ ImageId }) => ImageId === old.id);
    const until = disabled?.Tags?.find(({ Key }) => Key === 'bakehouse:delete-after')?.Value ?? '';
    expect(disabled?.State).toBe('disabled');
    expect(Math.abs(Date.parse(until) - start - 7 * 24 * 3_600_000)).toBeLessThan(minutes);

    const second = await cloud.cleanup(['disable'], args);
    expect(rowOf(second, old)).toMatch(/ keep +disabled; cleanup deletes it after .* UTC$/);
    expect(await cloud.ids()).toEqual(before);

    await tag(old, 'bakehouse:delete-after', hoursAgo(1));
    const third = await cloud.cleanup(['disable'], args);
    expect(rowOf(third, old)).toMatch(/ deleted +disabled long enough to be deleted$/);
    expect(await cloud.ids()).toEqual(without(before, old));
  },
  2 * minutes,
);

test(
  '--gone deletes what is of nodes that nodes.yaml does not have any more',
  async () => {
    const left = await cloud.image('left');
    const stays = await cloud.image('stays');
    const before = await cloud.ids();
    const args = [...keepOne, '--apply', '--node', 'left'];
    const unknown = await cloud.cleanup(['stays'], args);
    expect(unknown).toMatchObject({ exitCode: 2, stdout: '' });
    expect(unknown.stderr).toMatch(/^cleanup: .*left/);
    expect(await cloud.ids()).toEqual(before);

    const without1 = await cloud.cleanup(['stays'], [...keepOne, '--apply']);
    expect(rowOf(without1, left)).toMatch(/ keep +its node is not in nodes.yaml \(--gone deletes it\)$/);
    const end = await cloud.cleanup(['stays'], [...args, '--gone']);
    expect(rowOf(end, left)).toMatch(/ deleted +its node is gone from nodes.yaml \(--gone\)$/);
    expect(end.stdout).not.toContain(stays.id);
    expect(await cloud.ids()).toEqual(without(before, left));
  },
  2 * minutes,
);

test(
  '--adopt takes images in that are named like a bake, --node leaves all others alone',
  async () => {
    const old = await cloud.image('', { name: 'adopt-1600000000', untagged: true });
    await cloud.image('', { name: 'adopt-1600000001', untagged: true });
    const [other] = await cloud.images('adopt-not', 2);
    const before = await cloud.ids();
    const plain = await cloud.cleanup(['adopt', 'adopt-not'], [...keepOne, '--apply', '--node', 'adopt']);
    expect(rowOf(plain, old)).toMatch(
      / keep +named like an image of adopt, but no bake tagged it \(--adopt manages it\)$/,
    );
    expect(plain.stdout).not.toContain(other.id);
    expect(await cloud.ids()).toEqual(before);

    const end = await cloud.cleanup(
      ['adopt', 'adopt-not'],
      [...keepOne, '--apply', '--node', 'adopt', '--adopt'],
    );
    expect(end).toMatchObject({ exitCode: 0, stderr: '' });
    expect(rowOf(end, old)).toMatch(/ deleted /);
    expect(await cloud.ids()).toEqual(without(before, old));
    const { Images } = await cloud.account();
    expect(Images.find(({ Name }) => Name === 'adopt-1600000001')?.Tags).toEqual([
      { Key: 'bakehouse:node', Value: 'adopt' },
    ]);
  },
  2 * minutes,
);

test(
  'no region is exit code 4 with what to do',
  async () => {
    const place = new Set(['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_CONFIG_FILE']);
    const env = Object.fromEntries(Object.entries(cloud.env).filter(([name]) => !place.has(name)));
    const end = await cloud.cleanup(['plan'], [...keepOne, '--apply'], env);
    expect(end).toMatchObject({ exitCode: 4, stdout: '' });
    expect(end.stderr).toMatch(/^cleanup: no AWS region: set AWS_REGION/);
  },
  2 * minutes,
);

/**
 * EC2 says when an image was made by its own clock, and --min-age must not depend on this computer's. Its clock is the
 * one of the answers' Date header.
 */
describe("this computer's clock", () => {
  let old: Made;
  beforeAll(async () => {
    [old] = await cloud.images('clock', 2);
  });
  const shifted = (minutesOff: number) => {
    const code = `const Real = Date, off = ${minutesOff * minutes};
      globalThis.Date = class extends Real {
        constructor(...args) { if (args.length > 0) super(...args); else super(Real.now() + off); }
        static now() { return Real.now() + off; }
      };`;
    return { ...cloud.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
  };

  test.each([
    ['fast', 61],
    ['slow', -61],
  ])(
    'may be an hour %s: what is younger than --min-age by EC2 stays',
    async (way, minutesOff) => {
      const before = await cloud.ids();
      const args = ['--keep', '1', '--no-fuse', '--apply', '--min-age', '1h'];
      const end = await cloud.cleanup(['clock'], args, shifted(minutesOff));
      expect(end.exitCode).toBe(0);
      expect(end.stderr).toBe(`warning: this computer's clock is 61 min ${way}: EC2's time counts`);
      expect(rowOf(end, old)).toMatch(/ keep +younger than 1 h/);
      expect(await cloud.ids()).toEqual(before);
    },
    2 * minutes,
  );

  test(
    'may be an hour slow: nothing seems to be made in the future',
    async () => {
      const before = await cloud.ids();
      const end = await cloud.cleanup(['clock'], [...keepOne, '--apply'], shifted(-61));
      expect(rowOf(end, old)).toMatch(/ deleted /);
      expect(await cloud.ids()).toEqual(without(before, old));
    },
    2 * minutes,
  );
});

async function tag({ id }: Made, Key: string, Value: string): Promise<void> {
  await cloud.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key, Value }] }));
}

function planFile(plan: unknown): string {
  const file = join(cloud.flags([]).reports, 'plan.json');
  writeFileSync(file, JSON.stringify(plan));
  return file;
}

function hoursAgo(hours: number): string {
  return new Date(Date.now() - hours * 60 * minutes).toISOString();
}
