import { describe, expect, test } from '@jest/globals';
import { confirmUnused, usersOf } from '../../src/references/confirm-unused.ts';
import { findLaunchPermissions } from '../../src/references/image-users.ts';
import { type ReferenceKind, referenceKinds } from '../../src/references/reference.ts';
import { awsError, denied, paged, templates, version, fakeCalls } from './fake-calls.ts';

const options = (...ignored: ReferenceKind[]) => ({ ignore: new Set(ignored), allTemplateVersions: false });

describe('launch permissions', () => {
  test('of anyone but ourselves count', async () => {
    const permissions = [
      { UserId: '111122223333' },
      { UserId: '444455556666' },
      { Group: 'all' as const },
      { OrganizationArn: 'arn:o' },
      { OrganizationalUnitArn: 'arn:ou' },
    ];
    const call = () => Promise.resolve({ LaunchPermissions: permissions });
    expect((await findLaunchPermissions(['ami-1'], '111122223333', call)).map(({ by }) => by)).toEqual([
      'account 444455556666',
      'everyone (public)',
      'organization arn:o',
      'organizational unit arn:ou',
    ]);
  });

  test('of an account that promote lets launch the image do not count, and those of any other do', async () => {
    const call = () =>
      Promise.resolve({ LaunchPermissions: [{ UserId: '222233334444' }, { UserId: '555566667777' }] });
    const isPromotedTo = (id: string, other: string) => id === 'ami-1' && other === '222233334444';
    const found = await findLaunchPermissions(['ami-1', 'ami-2'], '111122223333', call, isPromotedTo);
    expect(found.map(({ id, by }) => `${id} ${by}`)).toEqual([
      'ami-1 account 555566667777',
      'ami-2 account 222233334444',
      'ami-2 account 555566667777',
    ]);
  });

  test.each([{}, { LaunchPermissions: [{}] }])('%j is malformed', async (answer) => {
    await expect(findLaunchPermissions(['ami-1'], '1', () => Promise.resolve(answer))).rejects.toMatchObject({
      problem: 'malformed',
      message: expect.stringContaining('ec2:DescribeImageAttribute'),
    });
  });

  test('of an image that is gone are nobody', async () => {
    const gone = () => Promise.reject(awsError('InvalidAMIID.NotFound'));
    expect(await findLaunchPermissions(['ami-1'], '1', gone)).toEqual([]);
  });
});

describe('a second look', () => {
  const reference = (ImageId: string, ResourceType: string) => ({ ImageId, ResourceType, Arn: 'arn:x' });

  test('asks EC2 for ten images at a time, at a depth that it says', async () => {
    const describeImageReferences = paged('ImageReferences', []);
    const ids = Array.from({ length: 12 }, (_, at) => `ami-${at}`);
    await confirmUnused(ids, fakeCalls({ describeImageReferences }), options());
    expect(describeImageReferences.asked.map(({ ImageIds }) => (ImageIds as string[]).length)).toEqual([
      10, 2,
    ]);
    expect(JSON.stringify(describeImageReferences.asked[0])).toContain(
      '{"OptionName":"version-depth","OptionValues":["10"]}',
    );
    await confirmUnused(['ami-1'], fakeCalls({ describeImageReferences }), {
      ...options(),
      allTemplateVersions: true,
    });
    expect(JSON.stringify(describeImageReferences.asked[2])).toContain('"OptionValues":["10000"]');
  });

  test('has what EC2 knows, but nothing of an ignored kind', async () => {
    const describeImageReferences = paged('ImageReferences', [
      reference('ami-1', 'imagebuilder:ImageRecipe'),
      reference('ami-2', 'ec2:LaunchTemplate'),
    ]);
    const ids = ['ami-1', 'ami-2'];
    const found = await confirmUnused(
      ids,
      fakeCalls({ describeImageReferences }),
      options('launch-template'),
    );
    expect(found).toEqual({
      crossCheck: 'done',
      references: new Map([
        ['ami-1', [{ kind: 'image-reference', by: 'imagebuilder:ImageRecipe arn:x (says EC2)' }]],
      ]),
    });
  });

  test('leaves out what the older versions of a template name that promote moves, and nothing else', async () => {
    const template = (ImageId: string, id: string) => ({
      ...reference(ImageId, 'ec2:LaunchTemplate'),
      Arn: `arn:aws:ec2:us-east-1:123456789012:launch-template/${id}`,
    });
    const describeImageReferences = paged('ImageReferences', [
      template('ami-1', 'lt-web'),
      template('ami-2', 'lt-other'),
      reference('ami-1', 'imagebuilder:ImageRecipe'),
    ]);
    const describeLaunchTemplates = paged('LaunchTemplates', [{ LaunchTemplateId: 'lt-web' }]);
    const calls = fakeCalls({ describeImageReferences, describeLaunchTemplates });
    const usersWith = async (over: object) =>
      [...(await confirmUnused(['ami-1', 'ami-2'], calls, { ...options(), ...over })).references].flatMap(
        ([id, users]) => users.map(({ by }) => `${id} ${by.split(' ')[0] ?? ''}`),
      );
    const promotedTemplates = ['web'];
    const rest = ['ami-2 ec2:LaunchTemplate', 'ami-1 imagebuilder:ImageRecipe'];
    expect((await usersWith({ promotedTemplates })).sort()).toEqual(rest.toSorted());
    expect(describeLaunchTemplates.asked[0]).toMatchObject({
      Filters: [{ Name: 'launch-template-name', Values: ['web'] }],
    });
    expect(await usersWith({})).toContain('ami-1 ec2:LaunchTemplate');
    expect(await usersWith({ promotedTemplates, allTemplateVersions: true })).toContain(
      'ami-1 ec2:LaunchTemplate',
    );
  });

  test.each(['InvalidAction', 'UnsupportedOperation'])(
    'says that EC2 has no such look-up: %s',
    async (code) => {
      const calls = fakeCalls({ describeImageReferences: () => Promise.reject(awsError(code)) });
      expect(await confirmUnused(['ami-1'], calls, options())).toEqual({
        crossCheck: 'not available',
        references: new Map(),
      });
    },
  );

  test('makes no look-up of an ignored kind', async () => {
    const calls = fakeCalls();
    const found = await confirmUnused(['ami-1'], calls, options('launch-permission', 'image-reference'));
    expect(found.crossCheck).toBe('ignored');
    expect(calls.called).toEqual([]);
  });

  test.each([
    ['describeImageAttribute', 'ec2:DescribeImageAttribute'],
    ['describeImageReferences', 'ec2:DescribeImageReferences'],
    ['accountId', 'sts:GetCallerIdentity'],
  ])('with a denied %s is none', async (name, action) => {
    await expect(
      confirmUnused(['ami-1'], fakeCalls({ [name]: denied(action) }), options()),
    ).rejects.toMatchObject({ exitCode: 4, message: expect.stringContaining(action) });
  });

  test.each([{}, { ImageReferences: [{ ImageId: 'ami-1' }] }, { ImageReferences: [{ Arn: 'arn:x' }] }])(
    'with the references %j is malformed',
    async (answer) => {
      const calls = fakeCalls({ describeImageReferences: () => Promise.resolve(answer) });
      await expect(confirmUnused(['ami-1'], calls, options())).rejects.toMatchObject({
        problem: 'malformed',
        message: expect.stringContaining('ec2:DescribeImageReferences'),
      });
    },
  );
});

describe('a last look at an image', () => {
  const busy = () =>
    fakeCalls({
      describeInstances: paged('Reservations', [
        { Instances: [{ InstanceId: 'i-1', State: { Name: 'pending' }, ImageId: 'ami-a1' }] },
      ]),
      describeLaunchTemplateVersions: templates([version(1, { DefaultVersion: true })]),
      describeImages: paged('Images', [
        { ImageId: 'ami-child', Name: 'web-2' },
        { ImageId: 'ami-a1', Name: 'web-1' },
      ]),
      describeImageAttribute: () => Promise.resolve({ LaunchPermissions: [{ UserId: '444455556666' }] }),
      describeImageReferences: paged('ImageReferences', [
        { ImageId: 'ami-a1', ResourceType: 'ssm:Parameter', Arn: 'arn:x' },
      ]),
    });

  test('sees every kind of user', async () => {
    expect((await usersOf('ami-a1', busy(), options())).map(({ by }) => by)).toEqual([
      'instance i-1 (pending)',
      'launch template web (lt-0a) version 1 (default)',
      'image web-2 (ami-child) made from it',
      'account 444455556666',
      'ssm:Parameter arn:x (says EC2)',
    ]);
  });

  test('finds a copy that has begun since, which has no tag of ours', async () => {
    const describeImages = ({
      Filters: [filter] = [],
    }: {
      Filters?: { Name?: string | undefined }[] | undefined;
    }) =>
      Promise.resolve({
        Images:
          filter?.Name === 'source-image-id'
            ? [{ ImageId: 'ami-copy', Name: 'copy', State: 'pending' as const }]
            : [],
      });
    expect(await usersOf('ami-a1', fakeCalls({ describeImages }), options())).toEqual([
      { kind: 'image-copy', by: 'image copy (ami-copy) that is being made from it' },
    ]);
    expect(await usersOf('ami-a1', fakeCalls({ describeImages }), options('image-copy'))).toEqual([]);
  });

  test('finds nothing where nothing is, and makes no call for an ignored kind', async () => {
    expect(await usersOf('ami-a1', fakeCalls(), options())).toEqual([]);
    const calls = busy();
    expect(await usersOf('ami-a1', calls, options(...referenceKinds))).toEqual([]);
    expect(calls.called).toEqual([]);
  });

  test.each([
    ['describeInstances', 'ec2:DescribeInstances'],
    ['describeLaunchTemplateVersions', 'ec2:DescribeLaunchTemplateVersions'],
    ['describeImages', 'ec2:DescribeImages'],
  ])('fails when %s is denied or malformed', async (name, action) => {
    for (const call of [denied(action), () => Promise.resolve({})]) {
      await expect(usersOf('ami-a1', fakeCalls({ [name]: call }), options())).rejects.toMatchObject({
        exitCode: 4,
        message: expect.stringContaining(action),
      });
    }
  });
});
