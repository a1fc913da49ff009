import { tag } from '../aws/tags.ts';
import { type BakeName, keyPairName, proofKeyName, type Thing } from './thing.ts';
import { whyNotABakes } from './whose-thing.ts';

/**
 * Tells which bakes may have made a thing: by its tag; without one, an image or a snapshot by the instance that it was
 * made of, a key pair by its name. That is compared with whole names of known bakes, never by its beginning, and may
 * fit several: `bakehouse-a-b-c` is run `b-c` of node `a` or run `c` of node `a-b`. None: it is not ours.
 * @param more nodes and runs that are known from elsewhere
 */
export function makersOf(
  things: readonly Thing[],
  more: { runs: readonly string[]; nodes: readonly string[] },
): (thing: Thing) => BakeName[] {
  const tagged = things.filter(({ tags }) => tag.run in tags);
  const machines = new Map(
    tagged.filter((thing) => thing.type === 'instance' && isABakes(thing)).map((thing) => [thing.id, thing]),
  );
  const names = new Map<string, BakeName[]>();
  const asked = more.runs.flatMap((run) => more.nodes.map((node) => ({ node, run })));
  for (const { node, run } of [...tagged, ...asked]) {
    if (node === '' || run === '') continue;
    for (const name of [keyPairName({ node, run }), proofKeyName({ node, run })]) {
      const known = names.get(name) ?? [];
      if (known.some((other) => other.node === node && other.run === run)) continue;
      names.set(name, [...known, { node, run }].sort(byName));
    }
  }
  return ({ type, name = '', node, run, tags, instanceId = '' }) => {
    if (tag.run in tags) return [{ node, run }];
    if (type === 'key-pair') return names.get(name) ?? [];
    const machine = type === 'image' || type === 'snapshot' ? machines.get(instanceId) : undefined;
    return machine === undefined ? [] : [{ node: machine.node, run: machine.run }];
  };
}

function isABakes(thing: Thing): boolean {
  const why = whyNotABakes(thing)?.kind;
  return why === undefined || why === 'keep-tag';
}

function byName(a: BakeName, b: BakeName): number {
  const [left, right] = [`${a.run}\0${a.node}`, `${b.run}\0${b.node}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
