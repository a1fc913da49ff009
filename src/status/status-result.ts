import type { Result } from '../cli/run-stage.ts';
import { exitCode } from '../lib/errors.ts';
import { ageText } from '../lib/printable.ts';
import type { CurrentImage, ImageOverview, NodeOverview, Overview } from '../overview/overview.ts';

const head = ['node', 'newest', 'age', 'state', 'current', 'used by', 'next'];

/** The result of status: a row for each node; exit code 4 when something could not be read. */
export function statusResult(overview: Overview): Result {
  const { nodes, leftovers = [], problems } = overview;
  const left = `${leftovers.length} ${leftovers.length === 1 ? 'leftover' : 'leftovers'} of ended runs: cleanup --leaks lists them`;
  return {
    exitCode: problems.length > 0 ? exitCode.unavailable : exitCode.done,
    json: statusData(overview),
    table: { head, rows: nodes.map((node) => statusRow(node, overview.madeMs)) },
    closing: [...(leftovers.length > 0 ? [left] : []), ...problems],
  };
}

/** A line of the table. */
export function statusRow(known: NodeOverview, nowMs: number): string[] {
  const { node, images } = known;
  const [newest] = images;
  return [
    node,
    newest?.id ?? 'none',
    newest === undefined ? '-' : ageOf(newest, known, nowMs),
    newest === undefined ? '-' : stateOf(newest),
    currentText(known, nowMs),
    usersText(images),
    nextText(known, nowMs),
  ];
}

function stateOf({ state, unavailable }: ImageOverview): string {
  return unavailable === undefined ? state : `${state}, ${unavailable}`;
}

/** How old an image is, and the limit that it exceeds. */
function ageOf({ bakedMs }: ImageOverview, { maxAgeMs }: NodeOverview, nowMs: number): string {
  if (bakedMs === undefined) return 'not known';
  const ageMs = nowMs - bakedMs;
  const isOver = maxAgeMs !== undefined && ageMs > maxAgeMs;
  return isOver ? `${ageText(ageMs)} > ${ageText(maxAgeMs)}` : ageText(ageMs);
}

/** What is current, in few words: regions that have the same are named together, and not at all where all do. */
function currentText(known: NodeOverview, nowMs: number): string {
  const groups = new Map<string, string[]>();
  for (const one of known.current) {
    const label = currentLabel(one, known, nowMs);
    groups.set(label, [...(groups.get(label) ?? []), one.region]);
  }
  const texts = [...groups].map(([label, regions]) =>
    groups.size === 1 ? label : `${label} (${regions.join(', ')})`,
  );
  return texts.join(', ');
}

function currentLabel(
  { image, original, unknown }: CurrentImage,
  known: NodeOverview,
  nowMs: number,
): string {
  if (unknown !== undefined) return 'not known';
  if (image === undefined) return 'none';
  const found = known.images.find(({ id }) => id === original);
  if (found === undefined) return `not ours: ${image}`;
  const age = ageOf(found, known, nowMs);
  const marks = [age, ...(found.state === 'verified' ? [] : [found.state])].join(', ');
  return found.id === known.images[0]?.id && found.state === 'verified' ? 'newest' : `${found.id}, ${marks}`;
}

/** How many use the node's images; what is not known is not counted as none. */
function usersText(images: readonly ImageOverview[]): string {
  const users = new Set(images.flatMap((image) => image.users.map(({ region, by }) => `${region} ${by}`)));
  const isKnown = images.every(({ usersUnknownIn }) => usersUnknownIn.length === 0);
  if (isKnown) return String(users.size);
  return users.size === 0 ? 'not known' : `${users.size} or more`;
}

function nextText({ plan }: NodeOverview, nowMs: number): string {
  if (plan === undefined) return '-';
  return plan.bakedSince ? 'baked since' : `${plan.action} (${ageText(nowMs - plan.madeMs)} ago)`;
}

/** The overview for a program: times as ISO 8601; null: not known. Contents are left out, they may be long. */
function statusData(overview: Overview): unknown {
  return { schema: 1, ...(plainData(overview) as object) };
}

function plainData(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainData);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]: [string, unknown]): [string, unknown][] => {
      if (key === 'contents') return [];
      if (!/^(made|baked|promoted|started)Ms$/.test(key)) return [[key, plainData(inner)]];
      return [[key.replace(/Ms$/, 'At'), typeof inner === 'number' ? new Date(inner).toISOString() : null]];
    }),
  );
}
