import { tagText } from '../aws/tags.ts';
import type { PromoteRecord, RegionRecord } from './promote-record.ts';
import type { NodeBack, Revoked } from './revoke-image.ts';

const maxReason = 60;

/** What was done with the pointers of each node, for `reports/<node>/promote.json`. */
export function revokeRecords({ nodes, request: { apply } }: Revoked): PromoteRecord[] {
  return nodes.map((one): PromoteRecord => {
    const { node, back } = one;
    return {
      schema: 1,
      kind: 'revoke',
      node: node.name,
      applied: apply,
      ...(back.kind === 'back' && { image: back.original.id, run: back.original.run }),
      regions: regionsOf(one, apply),
      problems: problemsOf(one),
      notes: [],
    };
  });
}

function regionsOf({ node, back, moved }: NodeBack, applied: boolean): RegionRecord[] {
  const { parameter: name } = node.promote;
  if (back.kind === 'stays') return [];
  const isOwn = (id: string) => (id === back.original.id ? 'original' : 'there');
  if (applied)
    return moved.map(({ region, imageId, previous, parameter, launchTemplate }) => ({
      ...{ region, imageId, previous, parameter, launchTemplate },
      copied: isOwn(imageId),
      accounts: [],
    }));
  return back.regions.map(({ region, imageId, from }) => ({
    region,
    imageId,
    copied: isOwn(imageId),
    previous: from,
    parameter: { name, changed: true },
    accounts: [],
  }));
}

function problemsOf({ back, failure, moved }: NodeBack): string[] {
  return [
    ...(back.kind === 'stays'
      ? back.regions.map(({ region, from }) => `${region}: the revoked ${from} stays current: ${back.why}`)
      : []),
    ...(failure === undefined ? [] : [failure.message]),
    ...moved.flatMap(({ region, failure: why }) => (why === undefined ? [] : [`${region}: ${why.message}`])),
  ];
}

/** The result as promote shows it: exit code 4 when a region was not available, 3 when a revoked image stays current. */
export function revokeResult(revoked: Revoked) {
  const { request, family, nodes, users, failures } = revoked;
  const { apply, imageId, reason } = request;
  const all = [
    ...failures,
    ...nodes.flatMap(({ failure, moved }) => [failure, ...moved.map((one) => one.failure)]),
  ].filter((failure) => failure !== undefined);
  const stays = nodes.some(({ back }) => back.kind === 'stays');
  const used = users.filter((one) => one.users.length > 0);
  return {
    exitCode: all.some(({ unavailable }) => unavailable) ? 4 : all.length > 0 || stays ? 3 : 0,
    json: {
      schema: 1,
      kind: 'revoke',
      image: imageId,
      reason,
      applied: apply,
      revoked: family.map(({ region, image: { id, node, name } }) => ({ region, id, node, name })),
      nodes: revokeRecords(revoked),
      users: used,
      failures: failures.map(({ region, message }) => ({ region, message })),
    },
    table: {
      head: ['node', 'region', 'image', 'result', 'why'],
      rows: [
        ...family.map(({ region, image: { id, node, revoked: before } }) => {
          const word = before !== undefined ? 'revoked already' : apply ? 'revoked' : 'would be revoked';
          return [node, region, id, word, brief(before ?? reason)];
        }),
        ...nodes.flatMap((one) => pointerRows(one, apply)),
        ...used.map(({ region, imageId: id, users: [first, ...others] }) => {
          const more = others.length === 0 ? '' : ` and ${others.length} more`;
          const node = family.find(({ image }) => image.id === id)?.image.node ?? '-';
          return [node, region, id, 'still used', `by ${first?.by ?? '?'}${more}`];
        }),
        ...failures.map(({ region, message }) => ['-', region, '-', 'FAILED', message]),
      ],
    },
    closing: closingLines(revoked),
  };
}

function pointerRows(one: NodeBack, apply: boolean): string[][] {
  const { node, back, moved, failure } = one;
  return back.regions.map((place) => {
    const { region, from } = place;
    if (back.kind === 'stays') return [node.name, region, from, 'STAYS current', back.why];
    const imageId = 'imageId' in place ? place.imageId : '-';
    const why = failure ?? moved.find((each) => each.region === region)?.failure;
    if (why !== undefined) return [node.name, region, from, 'FAILED', why.message];
    return [node.name, region, imageId, apply ? 'current again' : 'would be current', `in place of ${from}`];
  });
}

/** What a person wrote may fill the screen, and stands in each row; --json and the tag have more of it. */
function brief(reason: string): string {
  const text = tagText(reason);
  return text.length <= maxReason ? text : `${text.slice(0, maxReason)}…`;
}

function closingLines({ request: { apply }, family, users }: Revoked): string[] {
  const before = family.filter(({ image }) => image.revoked !== undefined).length;
  const number = family.length - before;
  const images = `${number} image${number === 1 ? '' : 's'}`;
  const others = before === 0 ? '' : `, ${before} revoked already`;
  const count = users.reduce((sum, one) => sum + one.users.length, 0);
  return [
    apply
      ? `${images} revoked${others}`
      : `${images} would be revoked${others} (nothing was changed: --apply does it)`,
    ...(count === 0 ? [] : [`${count} use${count === 1 ? '' : 's'} of them, all listed with --json`]),
  ];
}
