import { scaleTime } from 'd3-scale';
import { symbol, symbolCircle, symbolDiamond2, symbolTimes, symbolTriangle } from 'd3-shape';
import type { ImageOverview, NodeOverview } from '../overview/overview.ts';
import { ageText } from '../lib/printable.ts';
import { countText, place, timeText } from './show.ts';

const width = 760;
const edge = 14;
const shapes = {
  verified: symbolCircle,
  rejected: symbolTimes,
  revoked: symbolDiamond2,
  unverified: symbolTriangle,
};
const states = Object.keys(shapes) as ImageOverview['state'][];
const marks = Object.fromEntries(states.map((state) => [state, symbol(shapes[state], 64)() ?? ''])) as Record<
  ImageOverview['state'],
  string
>;

/** The images of a node over time, with the age from which one is too old; undefined: there is nothing to draw. */
export function timelineOf({ images, maxAgeMs }: NodeOverview, nowMs: number) {
  const dated = images.flatMap((image) =>
    image.bakedMs === undefined ? [] : [{ image, ms: image.bakedMs }],
  );
  if (dated.length === 0) return undefined;
  const first = Math.min(...dated.map(({ ms }) => ms), maxAgeMs === undefined ? nowMs : nowMs - maxAgeMs);
  const scale = scaleTime([first, Math.max(nowMs, ...dated.map(({ ms }) => ms))], [edge, width - edge]);
  const at = (ms: number) => place(scale(ms));
  const counts = states.flatMap((state) => {
    const count = dated.filter(({ image }) => image.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  const limit = maxAgeMs === undefined ? undefined : at(nowMs - maxAgeMs);
  return {
    width,
    label: `${countText(dated.length, 'image')} from ${timeText(first)} to ${timeText(nowMs)}: ${counts.join(', ')}. The table below lists them.`,
    legend: states.map((state) => ({ state, path: marks[state] })),
    // The oldest first, so that the newest lies on top.
    marks: dated.toReversed().map(({ image, ms }) => ({
      x: at(ms),
      state: image.state,
      isVerified: image.state === 'verified',
      isCurrent: image.currentIn.length > 0,
      isUsed: image.users.length > 0,
    })),
    // Most are verified: one path for all their dots.
    dots: dated.flatMap(({ image, ms }) => (image.state === 'verified' ? [`M${at(ms)} 0h0`] : [])).join(''),
    ...(limit !== undefined &&
      maxAgeMs !== undefined && { limit: { x: limit, width: place(limit - edge), text: ageText(maxAgeMs) } }),
    edge,
    ticks: ticksOf(scale),
    now: at(nowMs),
  };
}

/** Few enough that their texts do not meet. */
function ticksOf(scale: ReturnType<typeof scaleTime<number>>) {
  const ticks = scale.ticks(6);
  const [first, last] = [ticks[0], ticks.at(-1)];
  const spanMs = first === undefined || last === undefined ? 0 : last.getTime() - first.getTime();
  const isShort = spanMs < 3 * 24 * 3_600_000;
  return ticks
    .map((tick) => ({
      x: place(scale(tick)),
      text: timeText(tick.getTime()).slice(...(isShort ? [5] : [0, 10])),
    }))
    .filter(({ x }) => x > 36 && x < width - 40);
}
