import type { ImageOverview, NodeOverview } from '../overview/overview.ts';
import { agoText, costText, countText, isoText, place, timeText } from './show.ts';

/** The sign of a state: colour is never the only one. */
const signOf: Record<ImageOverview['state'], string> = {
  verified: '✓',
  rejected: '✗',
  revoked: '⊘',
  unverified: '?',
};

/** A state as the templates show it. */
export function stateView({ state, unavailable }: ImageOverview) {
  return {
    state,
    sign: signOf[state],
    unavailable,
    isDoubtful: state !== 'verified' || unavailable !== undefined,
  };
}

/** An image's age, and a bar of it against the limit, if there is one. */
export function ageView(bakedMs: number | undefined, maxAgeMs: number | undefined, nowMs: number) {
  if (bakedMs === undefined) return { age: 'age not known' };
  const ageMs = Math.max(0, nowMs - bakedMs);
  if (maxAgeMs === undefined) return { age: agoText(ageMs) };
  const isOver = ageMs > maxAgeMs;
  const share = maxAgeMs === 0 ? 1 : Math.min(1, ageMs / maxAgeMs);
  return {
    age: agoText(ageMs),
    limit: { text: agoText(maxAgeMs), isOver, width: place(60 * share) },
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
    isUnused: users.length === 0 && usersUnknownIn.length === 0,
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

/** The rows of a node's table of images. */
export function imageRows({ images }: NodeOverview, nowMs: number) {
  return images.map((image) => {
    const { id, name, bakedMs, reason, commit, run, sourceAmi, digest, copies, currentIn, gib } = image;
    const more = [
      { term: 'name', text: name },
      ...(run === undefined ? [] : [{ term: 'run', text: run }]),
      ...(sourceAmi === undefined ? [] : [{ term: 'from', text: sourceAmi }]),
      ...(digest === undefined ? [] : [{ term: 'digest', text: digest }]),
      ...(image.promotedMs === undefined ? [] : [{ term: 'promoted', text: timeText(image.promotedMs) }]),
    ];
    return {
      ...{ id, reason, more, ...stateView(image), ...usersView(image) },
      ...(bakedMs === undefined
        ? { age: 'not known' }
        : { baked: timeText(bakedMs), iso: isoText(bakedMs), age: agoText(nowMs - bakedMs) }),
      commit: commit?.slice(0, 12),
      isCurrent: currentIn.length > 0,
      currentIn: currentIn.join(', '),
      copies: copies.map(({ region, id: copy }) => `${copy} (${region})`).join(', '),
      cost: gib === undefined ? 'not known' : costText(gib),
    };
  });
}
