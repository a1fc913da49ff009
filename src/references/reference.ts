import { required } from '../aws/answers.ts';
import { malformed } from '../aws/ec2-failure.ts';

/** What may use an image; also the words of `--ignore-reference`. */
export const referenceKinds = [
  'instance',
  'launch-template',
  'launch-configuration',
  'auto-scaling-group',
  'instance-refresh',
  'spot-request',
  'fleet',
  'ssm-parameter',
  'image-copy',
  'child-image',
  'launch-permission',
  'image-reference',
] as const;

export type ReferenceKind = (typeof referenceKinds)[number];

/** Something in AWS that still uses an image. */
export interface Reference {
  kind: ReferenceKind;
  /** For a person: `instance i-0a (stopped)`. */
  by: string;
}

/** A reference with what it refers to: an image's id, or a snapshot's where a launch template maps that. */
export interface FoundReference extends Reference {
  id: string;
}

/** All references, by the id of the image (or snapshot) that is used. */
export type References = ReadonlyMap<string, readonly Reference[]>;

/** Groups what was found by the id that it refers to. */
export function byId(found: readonly FoundReference[]): Map<string, Reference[]> {
  const references = new Map<string, Reference[]>();
  for (const { id, ...reference } of found) {
    const known = references.get(id);
    if (known === undefined) references.set(id, [reference]);
    else known.push(reference);
  }
  return references;
}

/** References with more of them. */
export function mergeReferences(references: References, more: References): References {
  const all = new Map<string, readonly Reference[]>(references);
  for (const [id, found] of more) all.set(id, [...(all.get(id) ?? []), ...found]);
  return all;
}

/** What something launches from: images, and versions of launch templates. */
export interface Uses {
  found: FoundReference[];
  pins: Pin[];
}

/** Who uses it, and which call says so. */
export interface User {
  kind: ReferenceKind;
  by: string;
  call: string;
}

/** The parts of a device mapping that name a snapshot. */
interface Mapping {
  Ebs?: { SnapshotId?: string | undefined } | undefined;
}

/** An image with the snapshots that are mapped over its own. */
export function imageUses(
  { ImageId: image, BlockDeviceMappings: mappings = [] }: ImageSource,
  { kind, by }: User,
): FoundReference[] {
  const snapshots = mappings.map(({ Ebs: ebs }) => ebs?.SnapshotId);
  return [image, ...snapshots].flatMap((id) => (id === undefined || id === '' ? [] : [{ id, kind, by }]));
}

interface ImageSource {
  ImageId?: string | undefined;
  BlockDeviceMappings?: readonly Mapping[] | undefined;
}

/** Several uses as one. */
export function allUses(uses: readonly Uses[]): Uses {
  return { found: uses.flatMap(({ found }) => found), pins: uses.flatMap(({ pins }) => pins) };
}

/** An image that must be there, else the answer is malformed. */
export function requiredImageUses(source: ImageSource, user: User): FoundReference[] {
  required(source.ImageId, user.call, `the image of ${user.by}`);
  return imageUses(source, user);
}

/** A version of a launch template that something launches from. */
export interface Pin {
  /** The template, by the one or the other. */
  template: { id: string } | { name: string };
  /** A number, `$Latest` or `$Default`. */
  version: string;
  kind: ReferenceKind;
  /** For a person: `Auto Scaling group web`. */
  by: string;
}

/** How Auto Scaling and the fleets name a version of a template. */
export interface TemplateSpecification {
  LaunchTemplateId?: string | undefined;
  LaunchTemplateName?: string | undefined;
  Version?: string | undefined;
}

/**
 * The version that a specification names; without one it is the default.
 * @throws CloudError when it names no template, or a version of an unknown form
 */
export function pinOf(specification: TemplateSpecification, { kind, by, call }: User): Pin {
  const { LaunchTemplateId: id, LaunchTemplateName: name, Version: version } = specification;
  const template =
    id === undefined || id === '' ? { name: required(name, call, `the launch template of ${by}`) } : { id };
  const named = version === undefined || version === '' ? '$Default' : version;
  if (!/^(\d+|\$Latest|\$Default)$/.test(named)) {
    throw malformed(call, `'${named}' is no launch template version, of ${by}`);
  }
  return { template, version: named, kind, by };
}
