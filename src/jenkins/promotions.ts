import type { PromoteRecord, RegionRecord } from '../promote/promote-record.ts';
import type { Outcome } from './node-outcomes.ts';
import { type Parameters, whyNotPromoted } from './parameters.ts';

/** What a build made of a verified image: in service or not. */
export interface Promotion {
  /** For the console's table. */
  result: 'verified' | 'promoted' | 'not promoted';
  /** The rest of a sentence that begins with the image's id. */
  text: string;
  /** The image should be in service, and is not. */
  failed: boolean;
}

/** What became of putting a verified image into service; undefined: the build promotes nothing. */
export function promotionOf(parameters: Parameters, { imageId, promotion }: Outcome): Promotion | undefined {
  if (promotion === undefined || whyNotPromoted(parameters) !== undefined) return undefined;
  const failed = (why: string): Promotion => ({
    result: 'not promoted',
    text: `not promoted: ${why}`,
    failed: true,
  });
  if ('unknown' in promotion) return failed(promotion.unknown);
  const { applied, image, regions, problems } = promotion;
  const [problem] = problems;
  const moved = applied ? regions.filter(({ parameter }) => parameter.changed) : [];
  // Some regions may have it: whoever reads this must know where servers get it from now on.
  const only = moved.length === 0 ? '' : `in service only in ${regionsText(moved, imageId)}: `;
  if (problem !== undefined) return failed(`${only}${problem}`);
  if (image !== imageId)
    return failed(`a newer one was verified meanwhile, ${image ?? 'of which nothing is known'}`);
  if (applied)
    return { result: 'promoted', text: `in service in ${regionsText(regions, imageId)}`, failed: false };
  if (parameters.promote === 'ask' && parameters.approver === undefined)
    return { result: 'verified', text: 'not promoted: nobody has approved it', failed: false };
  return failed('promote only said what it would do');
}

/** What a person is asked before images go into service; empty: nothing could go into service. */
export function questionOf(parameters: Parameters, outcomes: readonly Outcome[]): string {
  const ready = outcomes.flatMap((outcome) => {
    const { node, imageId = '', promotion } = outcome;
    const answer = promotionOf(parameters, outcome);
    if (answer?.failed !== false || promotion === undefined || 'unknown' in promotion) return [];
    return [`${node}: ${imageId} in ${promotion.regions.map(({ region }) => region).join(', ')}`];
  });
  return ready.length === 0 ? '' : `Put into service? ${ready.join('; ')}`;
}

/** Regions with the image in each, where it is another one than `imageId`. */
function regionsText(regions: readonly RegionRecord[], imageId: string | undefined): string {
  return regions
    .map(({ region, imageId: there }) =>
      there === undefined || there === imageId ? region : `${region} (${there})`,
    )
    .join(', ');
}

/** Of a node in a description; the changes of an image may be many. */
const maxNotes = 8;

/** What promote did with a node in each region, for the description of a build by hand: a line for each region, then problems and notes. */
export function recordLines({ node, kind, applied, regions, problems, notes }: PromoteRecord): string[] {
  const done = { promote: 'in service', rollback: 'back in service', revoke: 'in service' }[kind];
  const would = applied ? '' : 'would be ';
  const left = notes.length - maxNotes;
  const more = left > 0 ? [`and ${left} more notes: see reports/${node}/promote.json`] : [];
  return [
    ...regions.map(({ region, imageId = 'no image', previous, parameter, launchTemplate }) => {
      const same = parameter.changed || launchTemplate?.changed === true ? '' : ' already';
      const before = previous === undefined || previous === imageId ? '' : `, before it ${previous}`;
      return `${node}: ${imageId} ${same === '' ? would : ''}${done}${same} in ${region}${before}`;
    }),
    ...[...problems, ...notes.slice(0, maxNotes), ...more].map((text) => `${node}: ${text}`),
  ];
}
