import type { ImageOverview, NodeOverview } from '../overview/overview.ts';
import { ageText } from '../lib/printable.ts';
import { costText, countText, place, timeText } from './show.ts';

/** A state as the templates show it; images.css adds a sign. */
export function stateView({ state, unavailable }: ImageOverview) {
  return { state, unavailable, isDoubtful: state !== 'verified' || unavailable !== undefined };
}

/** An image's age, and a bar of it against the limit, if there is one. */
export function ageView(bakedMs: number | undefined, maxAgeMs: number | undefined, nowMs: number) {
  if (bakedMs === undefined) return { age: 'age not known' };
  const ageMs = Math.max(0, nowMs - bakedMs);
  if (maxAgeMs === undefined) return { age: ageText(ageMs) };
  const isOver = ageMs > maxAgeMs;
  const share = maxAgeMs === 0 ? 1 : Math.min(1, ageMs / maxAgeMs);
  return {
    age: ageText(ageMs),
    limit: { text: ageText(maxAgeMs), isOver, width: place(60 * share) },
  };
}

/** What is known to use an image: that something is not known is said, too. */
export function usersView({ users, usersUnknownIn }: ImageOverview) {
  const regions = usersUnknownIn.join(', ');
  return {
    users: users.map(({ region, by }) => ({ region, by })),
    hasUsers: users.length > 0,
    count: countText(users.length, 'user'),
    ...(usersUnknownIn.length > 0 && { unknown: `not known in ${regions}` }),
  };
}

/** All users of a node's images, in few words. */
export function usersText(images: readonly ImageOverview[]): string {
  const users = new Set(images.flatMap((image) => image.users.map(({ region, by }) => `${region} ${by}`)));
  const isKnown = images.every(({ usersUnknownIn }) => usersUnknownIn.length === 0);
  if (isKnown) return String(users.size);
  return users.size === 0 ? 'not known' : `${users.size} or more`;
}

/** What a node's snapshots cost a month; a part of it where EC2 did not say all. */
export function costOf(images: readonly ImageOverview[]) {
  const known = images.flatMap(({ gib }) => (gib === undefined ? [] : [gib]));
  const gib = known.reduce((sum, one) => sum + one, 0);
  const isPart = known.length < images.length;
  const text = images.length > 0 && known.length === 0 ? 'not known' : costText(gib);
  return { gib, isPart, text: isPart && known.length > 0 ? `${text} or more` : text };
}

/** The rows of a node's table of images: a page has many, so that each says only what there is to say. */
export function imageRows({ images, current, lastBake }: NodeOverview, nowMs: number) {
  const linked = new Set([images[0]?.id, lastBake?.image, ...current.map(({ original }) => original)]);
  return images.map((image, index) => {
    const { id, bakedMs, reason, commit, run, sourceAmi, copies, currentIn, promotedMs, gib } = image;
    const baked = bakedMs === undefined ? 'not known' : `${timeText(bakedMs)}, ${ageText(nowMs - bakedMs)}`;
    const since = promotedMs === undefined ? '' : `, since ${timeText(promotedMs).slice(0, 10)}`;
    return {
      ...{ id, reason, baked, copies, ...stateView(image), ...usersView(image) },
      // The base image is news only where it is another one than that of the bake before.
      ...(sourceAmi !== images[index + 1]?.sourceAmi && { base: sourceAmi }),
      made: [commit?.slice(0, 8), run].filter(Boolean).join(', '),
      // Only what something leads to has a name: 3,000 of them would be a twentieth of the site.
      isLinked: linked.has(id),
      isCurrent: currentIn.length > 0,
      currentIn: currentIn.map((region, at) => (at === 0 ? `${region}${since}` : region)),
      cost: gib === undefined ? 'not known' : costText(gib),
    };
  });
}
