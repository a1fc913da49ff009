import type { LaunchTemplateVersion } from '@aws-sdk/client-ec2';
import { ec2Failure } from '../../src/aws/ec2-failure.ts';
import type { ReferenceCalls } from '../../src/references/reference-calls.ts';
import type { Service } from '../../src/aws/sdk.ts';

/**
 * A call that answers its list in pages of one item, with an empty one in front that is not the end; what it was
 * asked is kept.
 */
export function paged(key: string, items: readonly object[]) {
  const asked: Record<string, unknown>[] = [];
  const call = (query: object & { NextToken?: string | undefined }) => {
    asked.push({ ...query });
    const at = Number(query.NextToken ?? 0);
    const next = at < items.length ? { NextToken: String(at + 1) } : {};
    return Promise.resolve({ [key]: at === 0 ? [] : items.slice(at - 1, at), ...next });
  };
  return Object.assign(call, { asked });
}

/** What a call throws that IAM denies, as our clients do. */
export function denied(action: string): () => Promise<never> {
  const [service = '', call = ''] = action.split(':');
  const error = Object.assign(new Error('not authorized'), { name: 'AccessDenied' });
  return async () => {
    await Promise.resolve();
    throw ec2Failure(error, call, service as Service);
  };
}

/** An error as the services' answers become one. */
export function awsError(name: string, message = `${name} happened`): Error {
  return Object.assign(new Error(message), { name });
}

/** A region without anything; whatever is put over it answers instead. What was called is written down. */
export function fakeCalls(over: Partial<ReferenceCalls> = {}) {
  const called: string[] = [];
  const empty = (list: string) => () => Promise.resolve({ [list]: [] });
  const calls: ReferenceCalls = {
    describeInstances: empty('Reservations'),
    describeLaunchTemplates: empty('LaunchTemplates'),
    describeLaunchTemplateVersions: empty('LaunchTemplateVersions'),
    describeLaunchConfigurations: empty('LaunchConfigurations'),
    describeAutoScalingGroups: empty('AutoScalingGroups'),
    describeInstanceRefreshes: empty('InstanceRefreshes'),
    describeSpotInstanceRequests: empty('SpotInstanceRequests'),
    describeSpotFleetRequests: empty('SpotFleetRequestConfigs'),
    describeFleets: empty('Fleets'),
    describeParameters: empty('Parameters'),
    getParameters: ({ Names }) => Promise.resolve({ Parameters: [], InvalidParameters: Names }),
    describeImages: empty('Images'),
    describeImageAttribute: empty('LaunchPermissions'),
    describeImageReferences: empty('ImageReferences'),
    accountId: () => Promise.resolve('111122223333'),
    ...over,
  };
  for (const name of Object.keys(calls) as (keyof ReferenceCalls)[]) {
    const call = calls[name] as unknown as (query: never) => Promise<never>;
    Object.assign(calls, {
      [name]: (query: never) => {
        called.push(name);
        return call(query);
      },
    });
  }
  return { ...calls, called };
}

/** Version `number` of the template `web`, or of another by its letter. */
export function version(
  number: number,
  over: LaunchTemplateVersion = {},
  letter = 'a',
): LaunchTemplateVersion {
  return {
    LaunchTemplateId: `lt-0${letter}`,
    LaunchTemplateName: letter === 'a' ? 'web' : `web-${letter}`,
    VersionNumber: number,
    DefaultVersion: false,
    LaunchTemplateData: { ImageId: `ami-${letter}${number}` },
    ...over,
  };
}

interface VersionQuery {
  LaunchTemplateId?: string | undefined;
  LaunchTemplateName?: string | undefined;
  Versions?: string[] | undefined;
}

/** EC2's look-up of launch template versions over these, refusing what it refuses. */
export function templates(versions: readonly LaunchTemplateVersion[]) {
  const asked: VersionQuery[] = [];
  const call = (query: VersionQuery) => {
    asked.push(query);
    const { LaunchTemplateId: id, LaunchTemplateName: name, Versions: wanted } = query;
    const all = versions.filter(
      (one) =>
        (id === undefined || one.LaunchTemplateId === id) &&
        (name === undefined || one.LaunchTemplateName === name),
    );
    if (id !== undefined && all.length === 0) throw awsError('InvalidLaunchTemplateId.NotFound');
    if (name !== undefined && all.length === 0) throw awsError('InvalidLaunchTemplateName.NotFoundException');
    const isLatest = (one: LaunchTemplateVersion) =>
      all.every(
        (other) =>
          other.LaunchTemplateId !== one.LaunchTemplateId ||
          Number(other.VersionNumber) <= Number(one.VersionNumber),
      );
    const chosen = (wanted ?? ['all']).map((word) =>
      all.filter((one) => {
        if (word === 'all') return true;
        if (word === '$Latest') return isLatest(one);
        return word === '$Default' ? one.DefaultVersion === true : String(one.VersionNumber) === word;
      }),
    );
    if (id ?? name) {
      if (chosen.some((found) => found.length === 0))
        throw awsError('InvalidLaunchTemplateId.VersionNotFound');
    }
    return { LaunchTemplateVersions: chosen.flat() };
  };
  const describe = async (query: VersionQuery) => Promise.resolve(query).then(call);
  return Object.assign(describe, { asked });
}
