import type { CurrentImage, ImageOverview, NodeOverview } from '../overview/overview.ts';
import { ageText, cutMiddle } from '../lib/printable.ts';
import { countText } from './show.ts';

/** A bake's error may be a page of its own. */
const mostSigns = 500;

/** What somebody should look at: `bad` is wrong now, `warn` may be. */
export interface Concern {
  level: 'bad' | 'warn';
  text: string;
}

/** What is wrong with a node, the worst first. */
export function concernsOf(known: NodeOverview, nowMs: number): Concern[] {
  const { images, current, plan } = known;
  const all = [
    ...current.flatMap((one) => currentConcerns(one, known, nowMs)),
    ...images.flatMap(revokedInUse),
    ...newestConcerns(known),
    ...(plan?.action === 'failed' && !plan.bakedSince
      ? [bad(`plan could not decide: ${plan.reasons.join('; ')}`)]
      : []),
  ];
  return all
    .toSorted((a, b) => Number(a.level === 'warn') - Number(b.level === 'warn'))
    .map(({ level, text }) => ({ level, text: cutMiddle(text, mostSigns) }));
}

const bad = (text: string): Concern => ({ level: 'bad', text });
const warn = (text: string): Concern => ({ level: 'warn', text });

function currentConcerns(
  { region, image, original, unknown }: CurrentImage,
  { images, maxAgeMs, current }: NodeOverview,
  nowMs: number,
): Concern[] {
  if (unknown !== undefined) return [warn(`what is in service in ${region} is not known: ${unknown}`)];
  if (image === undefined) {
    // A node that was never promoted has nothing to mend.
    const isElsewhere = current.some((one) => one.image !== undefined);
    return isElsewhere ? [warn(`nothing is in service in ${region}`)] : [];
  }
  const found = images.find(({ id }) => id === original);
  if (found === undefined) return [warn(`${image}, in service in ${region}, is none of the node's images`)];
  const { bakedMs, state } = found;
  const ageMs = bakedMs === undefined ? undefined : nowMs - bakedMs;
  const isOld = ageMs !== undefined && maxAgeMs !== undefined && ageMs > maxAgeMs;
  return [
    ...(state === 'verified' ? [] : [bad(`${image}, in service in ${region}, is ${withReason(found)}`)]),
    ...(isOld
      ? [
          bad(
            `${image}, in service in ${region}, is ${ageText(ageMs)} old; the limit is ${ageText(maxAgeMs)}`,
          ),
        ]
      : []),
  ];
}

function revokedInUse(image: ImageOverview): Concern[] {
  const { id, state, users } = image;
  if (state !== 'revoked' || users.length === 0) return [];
  return [bad(`${id}, which is revoked, is used by ${countText(users.length, 'resource')}`)];
}

function newestConcerns({ images, lastBake, current }: NodeOverview): Concern[] {
  const [newest] = images;
  const isCurrent = current.some(({ original }) => original !== undefined && original === newest?.id);
  const rejected =
    newest?.state === 'rejected' && !isCurrent
      ? [bad(`the newest image, ${newest.id}, is ${withReason(newest)}`)]
      : [];
  const ended = lastBake?.status;
  const isNews = lastBake !== undefined && lastBake.startedMs > (newest?.bakedMs ?? 0);
  if (!isNews || ended === 'baked' || ended === 'running') return rejected;
  const why = lastBake.error === undefined ? '' : `: ${lastBake.error}`;
  return [...rejected, bad(`the last bake ${ended === 'failed' ? 'failed' : `was ${ended}`}${why}`)];
}

function withReason({ state, reason }: ImageOverview): string {
  return reason === undefined ? state : `${state}: ${reason}`;
}
