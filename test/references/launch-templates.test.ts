import { describe, expect, test } from '@jest/globals';
import { fc } from '../runs.ts';
import {
  allVersions,
  currentVersions,
  pinnedVersions,
  questionsOf,
  templateVersion,
  usesOfPins,
  usesOfVersions,
} from '../../src/references/launch-templates.ts';
import { type Pin, pinOf } from '../../src/references/reference.ts';
import { awsError, denied, paged, templates, version } from './fake-calls.ts';

const pin = (template: Pin['template'], named: string): Pin => ({
  template,
  version: named,
  kind: 'auto-scaling-group',
  by: 'Auto Scaling group web',
});
const defaultOne = { DefaultVersion: true };

describe('launch templates', () => {
  test('count with their default and latest version', async () => {
    const call = templates([version(1), version(2, defaultOne), version(3), version(1, defaultOne, 'b')]);
    expect(usesOfVersions(await currentVersions(call)).map(({ id, by }) => [id, by])).toEqual([
      ['ami-a3', 'launch template web (lt-0a) version 3 (latest)'],
      ['ami-b1', 'launch template web-b (lt-0b) version 1 (default, latest)'],
      ['ami-a2', 'launch template web (lt-0a) version 2 (default)'],
    ]);
  });

  test('count with every version when that is asked for, on every page', async () => {
    const listed = paged('LaunchTemplates', [{ LaunchTemplateId: 'lt-0a' }, { LaunchTemplateId: 'lt-gone' }]);
    const found = await allVersions({
      describeLaunchTemplates: listed,
      describeLaunchTemplateVersions: templates([version(1), version(2, defaultOne), version(3)]),
    });
    expect(usesOfVersions(found).map(({ by }) => by)).toEqual([
      'launch template web (lt-0a) version 1 (older version)',
      'launch template web (lt-0a) version 2 (default)',
      'launch template web (lt-0a) version 3 (latest)',
    ]);
  });

  test('use the snapshots that they map', () => {
    const mapped = {
      BlockDeviceMappings: [{ Ebs: { SnapshotId: 'snap-1' } }, { VirtualName: 'ephemeral0' }],
    };
    const found = usesOfVersions([templateVersion(version(1, { LaunchTemplateData: mapped }))]);
    expect(found.map(({ id }) => id)).toEqual(['snap-1']);
  });

  test.each([
    ['its id', { LaunchTemplateId: undefined }],
    ['its number', { VersionNumber: undefined }],
    ['its data', { LaunchTemplateData: undefined }],
    ['whether it is the default', { DefaultVersion: undefined }],
  ])('a version that lacks %s is malformed', async (_, over) => {
    const call = paged('LaunchTemplateVersions', [{ ...version(1), ...over }]);
    await expect(currentVersions(call)).rejects.toMatchObject({
      problem: 'malformed',
      message: expect.stringContaining('ec2:DescribeLaunchTemplateVersions'),
    });
  });

  test.each([
    ['ec2:DescribeLaunchTemplates', 'describeLaunchTemplates'],
    ['ec2:DescribeLaunchTemplateVersions', 'describeLaunchTemplateVersions'],
  ])('a denied %s is not an empty one', async (action, name) => {
    const calls = {
      describeLaunchTemplates: paged('LaunchTemplates', [{ LaunchTemplateId: 'lt-0a' }]),
      describeLaunchTemplateVersions: templates([]),
      [name]: denied(action),
    };
    await expect(allVersions(calls)).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining(action),
    });
  });
});

describe('pins', () => {
  test('of a template are asked for in one question, without what is known', () => {
    const known = [templateVersion(version(3))];
    const pins = ['1', '2', '2', '3'].map((named) => pin({ id: 'lt-0a' }, named));
    expect(questionsOf([...pins, pin({ name: 'web-b' }, '$Default')], known)).toEqual([
      { LaunchTemplateId: 'lt-0a', Versions: ['1', '2'] },
      { LaunchTemplateName: 'web-b', Versions: ['$Default'] },
    ]);
  });

  test('say who holds them', async () => {
    const pins = [pin({ name: 'web' }, '1')];
    const found = await pinnedVersions(pins, [], templates([version(1), version(2)]));
    expect(usesOfPins(pins, found)).toEqual([
      {
        id: 'ami-a1',
        kind: 'auto-scaling-group',
        by: 'launch template web (lt-0a) version 1 (pinned by Auto Scaling group web)',
      },
    ]);
  });

  test('of which some are gone leave the others', async () => {
    const call = templates([version(1), version(3)]);
    const pins = ['1', '2', '3'].map((named) => pin({ id: 'lt-0a' }, named));
    const found = await pinnedVersions([...pins, pin({ id: 'lt-gone' }, '1')], [], call);
    expect(found.map(({ number }) => number)).toEqual([1, 3]);
    await expect(pinnedVersions(pins, [], () => Promise.reject(awsError('Other')))).rejects.toThrow('Other');
  });

  test.each([{ LaunchTemplateId: 'lt-0a', Version: 'one' }, { Version: '1' }])(
    '%p is malformed',
    (specification) => {
      const user = { kind: 'fleet', by: 'EC2 Fleet fleet-1', call: 'ec2:DescribeFleets' } as const;
      expect(() => pinOf(specification, user)).toThrow(/ec2:DescribeFleets/);
    },
  );

  test('find exactly the images of the versions that they name, whatever exists', async () => {
    const arbitraryPin = fc.record({
      letter: fc.constantFrom('a', 'b', 'c'),
      byName: fc.boolean(),
      named: fc.constantFrom('1', '2', '3', '4', '$Latest', '$Default'),
    });
    const existing = fc.record({
      a: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1 }),
      b: fc.uniqueArray(fc.integer({ min: 1, max: 4 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryPin), existing, fc.boolean(), async (wanted, numbers, isKnown) => {
        const all = Object.entries(numbers).flatMap(([letter, list]) =>
          list.map((number, at) => version(number, { DefaultVersion: at === 0 }, letter)),
        );
        const call = templates(all);
        const known = isKnown ? await currentVersions(call) : [];
        const pins = wanted.map(({ letter, byName, named }) => {
          const name = letter === 'a' ? 'web' : `web-${letter}`;
          return pin(byName ? { name } : { id: `lt-0${letter}` }, named);
        });
        const more = await pinnedVersions(pins, known, call);
        const expected = wanted.flatMap(({ letter, named }) => {
          const list = letter === 'c' ? [] : numbers[letter];
          const special = named === '$Latest' ? Math.max(...list) : list[0];
          const number = named.startsWith('$') ? special : Number(named);
          return number !== undefined && list.includes(number) ? [`ami-${letter}${number}`] : [];
        });
        const found = usesOfPins(pins, [...known, ...more]).map(({ id }) => id);
        expect([...new Set(found)].sort()).toEqual([...new Set(expected)].sort());
      }),
    );
  });
});
