import type { InstanceState, State } from '../state/model.ts';

export const instanceStates: readonly InstanceState[] = [
  'pending',
  'running',
  'shutting-down',
  'terminated',
  'stopping',
  'stopped',
];

/** Where to look, and how far. What is undefined is not looked at. */
export interface ReferenceScope {
  readonly instances?: { readonly states: readonly string[] };
  /** How many of the newest versions of each template. */
  readonly launchTemplates?: { readonly depth: number };
  readonly parameters?: boolean;
}

export interface Reference {
  readonly imageId: string;
  readonly resourceType: 'ec2:Instance' | 'ec2:LaunchTemplate' | 'ssm:Parameter';
  readonly arn: string;
}

/** Finds what names the images, each resource once for each image. */
export function referencesTo(state: State, imageIds: readonly string[], scope: ReferenceScope): Reference[] {
  const wanted = new Set(imageIds);
  return [...instancesOf(state, scope), ...templatesOf(state, scope), ...parametersOf(state, scope)].filter(
    ({ imageId }) => wanted.has(imageId),
  );
}

function instancesOf({ instances, account }: State, { instances: scope }: ReferenceScope): Reference[] {
  return Object.values(instances)
    .filter(({ state }) => scope?.states.includes(state) === true)
    .map(({ id, imageId }) => ({
      imageId,
      resourceType: 'ec2:Instance',
      arn: `arn:aws:ec2:${account.region}:${account.id}:instance/${id}`,
    }));
}

function templatesOf(
  { launchTemplates, account }: State,
  { launchTemplates: scope }: ReferenceScope,
): Reference[] {
  if (scope === undefined) return [];
  return Object.values(launchTemplates).flatMap(({ id, versions }) => {
    const images = new Set(versions.slice(-scope.depth).flatMap(({ data }) => data.ImageId ?? []));
    return [...images].map((imageId) => ({
      imageId,
      resourceType: 'ec2:LaunchTemplate' as const,
      arn: `arn:aws:ec2:${account.region}:${account.id}:launch-template/${id}`,
    }));
  });
}

function parametersOf(
  { parameters = {}, account }: State,
  { parameters: asked }: ReferenceScope,
): Reference[] {
  if (asked !== true) return [];
  return Object.values(parameters).map(({ name, value }) => ({
    imageId: value,
    resourceType: 'ssm:Parameter',
    // A name that begins with a slash brings the one between with it.
    arn: `arn:aws:ssm:${account.region}:${account.id}:parameter${name.startsWith('/') ? '' : '/'}${name}`,
  }));
}
