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
export interface Found extends Reference {
  id: string;
}

/** All references, by the id of the image (or snapshot) that is used. */
export type References = ReadonlyMap<string, readonly Reference[]>;

/** Puts what the look-ups found under the ids that they refer to. */
export function byId(found: readonly Found[]): Map<string, Reference[]> {
  const references = new Map<string, Reference[]>();
  for (const { id, ...reference } of found) {
    const known = references.get(id);
    if (known === undefined) references.set(id, [reference]);
    else known.push(reference);
  }
  return references;
}

/** References with more of them. */
export function merge(references: References, more: References): References {
  const all = new Map<string, readonly Reference[]>(references);
  for (const [id, found] of more) all.set(id, [...(all.get(id) ?? []), ...found]);
  return all;
}
