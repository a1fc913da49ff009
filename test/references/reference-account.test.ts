import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { referenceAccount } from '../../src/references/reference-account.ts';
import { awsServer, ec2Answer, ec2Error, queryAnswer } from '../aws/aws-server.ts';

/** Answers of a region with a group whose template names an image by a parameter. */
const ec2Answers: Record<string, string> = {
  DescribeInstances: '<reservationSet/>',
  DescribeLaunchTemplates:
    '<launchTemplates><item><launchTemplateId>lt-0a</launchTemplateId></item></launchTemplates>',
  DescribeLaunchTemplateVersions: `<launchTemplateVersionSet><item><launchTemplateId>lt-0a</launchTemplateId>
    <launchTemplateName>web</launchTemplateName><versionNumber>1</versionNumber><defaultVersion>true</defaultVersion>
    <launchTemplateData><imageId>resolve:ssm:/web</imageId></launchTemplateData></item></launchTemplateVersionSet>`,
  DescribeSpotInstanceRequests: '<spotInstanceRequestSet/>',
  DescribeSpotFleetRequests: '<spotFleetRequestConfigSet/>',
  DescribeFleets: '<fleetSet/>',
  DescribeImages: '<imagesSet/>',
  DescribeImageAttribute: '<launchPermission/>',
  DescribeImageReferences: '<imageReferenceSet/>',
};
const queryAnswers: Record<string, string> = {
  DescribeLaunchConfigurations: '<LaunchConfigurations/>',
  DescribeAutoScalingGroups: `<AutoScalingGroups><member><AutoScalingGroupName>web</AutoScalingGroupName><Instances/>
    <LaunchTemplate><LaunchTemplateId>lt-0a</LaunchTemplateId><Version>1</Version></LaunchTemplate></member>
    </AutoScalingGroups>`,
  DescribeInstanceRefreshes: '<InstanceRefreshes/>',
  GetCallerIdentity: '<Account>111122223333</Account>',
};
const jsonAnswers: Record<string, object> = {
  DescribeParameters: { Parameters: [{ Name: '/web', Type: 'String' }] },
  GetParameters: { Parameters: [{ Name: '/web', Value: 'ami-12345678' }], InvalidParameters: [] },
};

let refused: { action: string; how: 'denied' | 'empty' } | undefined;
let server: Awaited<ReturnType<typeof awsServer>>;

function answer(action: string): { status: number; body: string } {
  const isEmpty = refused?.action === action && refused.how === 'empty';
  const isDenied = refused?.action === action && refused.how === 'denied';
  const status = isDenied ? 403 : 200;
  const ec2 = ec2Answers[action];
  const query = queryAnswers[action];
  if (ec2 !== undefined) {
    const body = isDenied ? ec2Error('UnauthorizedOperation') : ec2Answer(action, isEmpty ? '' : ec2);
    return { status, body };
  }
  if (query !== undefined) {
    const error =
      '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>';
    return { status, body: isDenied ? error : queryAnswer(action, isEmpty ? '' : query) };
  }
  if (isDenied) return { status, body: '{"__type":"AccessDeniedException","message":"no"}' };
  return { status, body: JSON.stringify(isEmpty ? {} : jsonAnswers[action]) };
}

beforeAll(async () => {
  server = await awsServer(answer);
});
beforeEach(() => {
  refused = undefined;
});
afterAll(() => {
  server.close();
});

const everything = { ignore: new Set<never>(), allTemplateVersions: true };

/** All that cleanup asks, as it does. */
async function lookAtAll() {
  const account = await referenceAccount(everything);
  const references = await account.references();
  const { crossCheck } = await account.confirm(['ami-12345678']);
  return { references, crossCheck, users: await account.users('ami-12345678') };
}

describe("the account's references", () => {
  test('are found over the real clients of all services', async () => {
    const { references, crossCheck, users } = await lookAtAll();
    expect(references.get('ami-12345678')).toEqual([
      { kind: 'ssm-parameter', by: 'parameter /web' },
      {
        kind: 'launch-template',
        by: 'launch template web (lt-0a) version 1 (default, latest) by parameter /web',
      },
      {
        kind: 'auto-scaling-group',
        by: 'launch template web (lt-0a) version 1 (pinned by Auto Scaling group web) by parameter /web',
      },
    ]);
    expect([crossCheck, users]).toEqual(['done', []]);
  });

  const actions = [
    ...Object.keys(ec2Answers).map((action) => `ec2:${action}`),
    ...Object.keys(queryAnswers).map((action) =>
      action === 'GetCallerIdentity' ? `sts:${action}` : `autoscaling:${action}`,
    ),
    ...Object.keys(jsonAnswers).map((action) => `ssm:${action}`),
  ];

  test.each(actions)('are not known when %s is denied', async (name) => {
    refused = { action: name.replace(/^.*:/, ''), how: 'denied' };
    await expect(lookAtAll()).rejects.toMatchObject({
      problem: 'denied',
      exitCode: 4,
      message: expect.stringContaining(name),
    });
  });

  test.each(actions)('are not known when the answer of %s has no list', async (name) => {
    refused = { action: name.replace(/^.*:/, ''), how: 'empty' };
    await expect(lookAtAll()).rejects.toMatchObject({
      problem: 'malformed',
      exitCode: 4,
      message: expect.stringContaining(name),
    });
  });
});
