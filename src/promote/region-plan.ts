import { createHash } from 'node:crypto';
import { copiedFromText, isCopyOf } from '../aws/copies.ts';
import { notOursSentence } from '../aws/ours.ts';
import { tag } from '../aws/tags.ts';
import type { Node } from '../nodes/node.ts';
import type { TemplateVersion } from './launch-template-calls.ts';
import { whyUnfit } from './last-look.ts';
import type { CopyRequest, RegionImage } from './promote-account.ts';
import type { RegionState } from './region-state.ts';
import { templateChange } from './template-change.ts';

/** The node's image in a region, or how it gets there. */
export type Copy =
  | { kind: 'original'; image: RegionImage }
  | { kind: 'there'; image: RegionImage }
  /** An earlier run began it. */
  | { kind: 'pending'; image: RegionImage }
  /** Failed: an earlier run's copy, which has the name. */
  | { kind: 'make'; failed?: RegionImage };

/** What a region needs until the image is current there. */
export interface RegionPlan {
  state: RegionState;
  copy: Copy;
  /** What the parameter holds now. */
  current: string | undefined;
  parameterVersion: number | undefined;
  /** The version in service; absent: nodes.yaml names no template. */
  template?: { version: TemplateVersion; kind: 'follows' | 'there' | 'change' };
}

/** What is asked of a region. */
interface Asked {
  node: Node;
  /** The image in the own region. */
  original: RegionImage;
  own: string;
  /** Pointers that a person set are moved, too. */
  force: boolean;
  /** A rollback takes seconds: it makes no copies. */
  mayCopy: boolean;
}

/** What a region needs, or all that stands against it, in sentences. */
export function planRegion(state: RegionState, asked: Asked): { plan: RegionPlan } | { problems: string[] } {
  const { node, force } = asked;
  const problems: string[] = [];
  const copy = copyIn(state, asked, problems);
  const target = copy !== undefined && copy.kind !== 'make' ? copy.image.id : undefined;
  const known = new Set(
    state.images.filter((image) => image.node === node.name && !image.notOurs).map(({ id }) => id),
  );
  // What is no id at all, such as a note, names no image that could be gone: a person wrote it.
  const isGone = (id: string) =>
    /^ami-[0-9a-f]+$/.test(id) &&
    state.images.every((image) => image.id !== id) &&
    state.strangers.get(id) === undefined;

  const { parameter: name, launchTemplate } = node.promote;
  const parameter = state.parameters.get(name);
  if (parameter !== undefined && parameter.type !== 'String')
    problems.push(
      `the parameter ${name} is a ${parameter.type}, and AWS changes no parameter's type: delete it, or name another as \`promote.parameter\``,
    );
  else if (parameter !== undefined && !known.has(parameter.value) && !isGone(parameter.value) && !force)
    problems.push(
      `the parameter ${name} holds ${parameter.value}, which is no image of ${node.name}: a person set it; --force overwrites it`,
    );

  let template: RegionPlan['template'];
  if (launchTemplate !== undefined) {
    const version = state.templates.get(launchTemplate);
    const change = version && templateChange(version, target, node, known, isGone);
    if (version === undefined || change === undefined)
      problems.push(
        `there is no launch template ${launchTemplate}: create it there, or correct \`promote.launch_template\` in nodes.yaml`,
      );
    else if (change.kind === 'by-hand' && !force)
      problems.push(
        `version ${version.number} of the launch template ${launchTemplate}, which is in service, names ${change.image}, which is no image of ${node.name}: a person set it; --force puts a version with the new image into service`,
      );
    else template = { version, kind: change.kind === 'by-hand' ? 'change' : change.kind };
  }

  if (copy === undefined || problems.length > 0)
    return { problems: problems.map((problem) => `${state.region}: ${problem}`) };
  const current = parameter?.value;
  const plan = { state, copy, current, parameterVersion: parameter?.version };
  return { plan: { ...plan, ...(template === undefined ? {} : { template }) } };
}

function copyIn(
  { region, images }: RegionState,
  { node, original, own, mayCopy }: Asked,
  problems: string[],
): Copy | undefined {
  const key = node.promote.regions[region]?.kmsKey;
  if (region === own) {
    if (key !== undefined)
      problems.push(
        `it is the account's own region, where the bake itself encrypts the image (\`packer: {encrypt_boot: true, kms_key_id: …}\`): remove its kms_key from \`promote.regions\``,
      );
    return { kind: 'original', image: original };
  }
  const from = { id: original.id, region: own, name: original.name };
  const named = images.find(({ name }) => name === original.name);
  if (named === undefined || (isCopyOf(named, from) && named.state === 'failed')) {
    if (mayCopy) return { kind: 'make', ...(named === undefined ? {} : { failed: named }) };
    problems.push(`the copy of ${original.id} is gone: promote --image ${original.id} makes a new one`);
    return undefined;
  }
  if (!isCopyOf(named, from)) {
    const why = named.notOurs === undefined ? '' : ` (${notOursSentence(named.notOurs)})`;
    problems.push(
      `the name ${original.name} is taken by ${named.id}, which is not promote's copy of ${original.id}${why}: deregister that one`,
    );
    return undefined;
  }
  if (named.state === 'pending' && mayCopy) return { kind: 'pending', image: named };
  const why = whyUnfit(named, node.name);
  if (why === undefined) return { kind: 'there', image: named };
  problems.push(`the copy ${named.id} ${why}`);
  return undefined;
}

/** Whether a region's pointers name the image already. */
export function areRight({ copy, current, template }: RegionPlan): boolean {
  return copy.kind !== 'make' && current === copy.image.id && template?.kind !== 'change';
}

/** Whether nothing is left to be done in a region. */
export function isDone(plan: RegionPlan, node: Node): boolean {
  const { copy, state } = plan;
  if ((copy.kind !== 'original' && copy.kind !== 'there') || !areRight(plan)) return false;
  return missingShares(copy.image, state, node).every(
    ({ images, snapshots }) => !images && snapshots.length === 0,
  );
}

/** What an account may not do yet. */
export interface MissingShare {
  accountId: string;
  /** It may not launch the image. */
  images: boolean;
  /** It may not read these encrypted snapshots, which a copy of its own takes. */
  snapshots: string[];
}

/** The permissions that accounts of a node lack. */
export function missingShares(
  { id, encrypted, snapshotIds }: RegionImage,
  { shared }: Pick<RegionState, 'shared'>,
  { promote }: Pick<Node, 'promote'>,
): MissingShare[] {
  return promote.accounts.map((accountId) => {
    const has = shared.get(accountId) ?? new Set();
    const snapshots = encrypted ? snapshotIds.filter((snapshot) => !has.has(snapshot)) : [];
    return { accountId, images: !has.has(id), snapshots };
  });
}

/**
 * The copy of an image in a region.
 * @param after ids of earlier copies that are no good: EC2 answers an equal token with the same copy again
 */
export function copyRequest(
  original: RegionImage,
  own: string,
  { region, kmsKey }: { region: string; kmsKey: string | undefined },
  after: readonly string[],
): CopyRequest {
  const copiedFrom = copiedFromText({ region: own, id: original.id });
  const { node, run, digest, inputs, commit, sourceAmi, contents } = original;
  const tags = {
    ...{ [tag.node]: node, [tag.run]: run, [tag.digest]: digest, [tag.inputs]: inputs },
    ...{ [tag.commit]: commit, [tag.sourceAmi]: sourceAmi, [tag.contents]: contents },
    ...{ [tag.verified]: 'true', [tag.copiedFrom]: copiedFrom },
  };
  const token = createHash('sha256')
    .update(JSON.stringify([copiedFrom, region, ...after]))
    .digest('hex');
  return {
    ...{ sourceId: original.id, sourceRegion: own, name: original.name, kmsKey },
    // EC2 takes 64 characters.
    token: token.slice(0, 64),
    tags: withValue(tags),
    // Not `verified`: a snapshot with that tag counts as a server's.
    snapshotTags: withValue({ [tag.node]: node, [tag.run]: run, [tag.copiedFrom]: copiedFrom }),
  };
}

function withValue(tags: Record<string, string | undefined>): Record<string, string> {
  const entries = Object.entries(tags).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [[key, value] as const],
  );
  return Object.fromEntries(entries);
}
