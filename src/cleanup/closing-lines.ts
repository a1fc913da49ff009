import type { Cleanup, RegionCleanup } from './clean-up-images.ts';
import type { CleanupSettings } from './settings.ts';

/** What is said below the table, of each region where there are several. */
export function closingLines(cleanup: Cleanup): string[] {
  const { settings, otherRegions = [] } = cleanup;
  const isCleaned = (region: string) => settings.regions.length === 0 || settings.regions.includes(region);
  const isOne = otherRegions.length === 0;
  const of = (region: string) => (line: string) => (isOne ? line : `${region}: ${line}`);
  const lines = [cleanup, ...otherRegions].flatMap((one): string[] => {
    const { region, unavailable } = one;
    return [
      ...('decisions' in one && isCleaned(region) ? regionLines(one, settings) : []),
      // Of one region the rows say it.
      ...(unavailable === undefined || isOne ? [] : [`NOT AVAILABLE: ${unavailable}`]),
    ].map(of(region));
  });
  const read = [cleanup, ...otherRegions].filter((one) => 'decisions' in one);
  const missing = read.flatMap((one) => missingLines(one).map(of(one.region)));
  return [...lines, ...ignoredLines(settings), ...missing];
}

function regionLines(cleanup: RegionCleanup, settings: CleanupSettings): string[] {
  const { decisions, outcomes } = cleanup;
  const { snapshots, gib, perMonth, price } = savings(cleanup, settings);
  const held = [...decisions, ...cleanup.snapshotDecisions].filter(({ action }) => action === 'hold').length;
  const number = (kind: string) => [...outcomes.values()].filter((one) => one.kind === kind).length;
  const images = (action: string) => decisions.filter((one) => one.action === action).length;
  const rest = held > 0 ? [`${held} held back`] : [];
  const size = `${round(gib)} GiB at most, $${perMonth.toFixed(2)} a month at $${price} for a GiB`;
  if (!settings.apply) {
    const [gone, disabled] = [images('delete'), images('disable')];
    const doomed = [
      `${count(gone, 'image')} and ${count(snapshots, 'snapshot')} would be deleted`,
      ...(disabled > 0 ? [`${disabled} would be disabled`] : []),
      ...rest,
    ].join(', ');
    const isAny = gone + disabled + snapshots > 0;
    return [
      `${doomed}${isAny ? ' (a plan only: --apply does it)' : ''}`,
      ...(isAny ? [`frees ${size}`] : []),
    ];
  }
  const gone = decisions.filter(({ image }) => outcomes.get(image.id)?.kind === 'deleted').length;
  const done = [
    `${count(gone, 'image')} and ${count(snapshots, 'snapshot')} deleted`,
    ...(number('disabled') > 0 ? [`${number('disabled')} disabled`] : []),
    ...(number('failed') > 0 ? [`${number('failed')} failed`] : []),
    ...(number('not-done') > 0 ? [`${number('not-done')} not done`] : []),
    ...rest,
  ].join(', ');
  return [done, ...(snapshots > 0 ? [`freed ${size}`] : [])];
}

function ignoredLines({ ignored }: CleanupSettings): string[] {
  return ignored.length > 0 ? [`not checked: ${ignored.join(', ')}`] : [];
}

function missingLines({ crossCheck }: RegionCleanup): string[] {
  const missing = "EC2's own list of references is not available here: only Bakehouse's own checks count";
  return crossCheck === 'not available' ? [missing] : [];
}

function round(gib: number): string {
  return gib.toFixed(1).replace(/\.0$/, '');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** What a cleanup frees, at most: a snapshot holds only what has changed since the one before it. */
interface Savings {
  snapshots: number;
  /** GiB */
  gib: number;
  /** US dollars a month, at {@link price}. */
  perMonth: number;
  /** US dollars for a GiB and a month. */
  price: number;
}

/** The size of the snapshots that were deleted, or of those that would be. */
export function savings(
  cleanup: Pick<RegionCleanup, 'decisions' | 'snapshotDecisions' | 'snapshots' | 'outcomes'>,
  { price, apply }: Pick<CleanupSettings, 'price' | 'apply'>,
): Savings {
  const ids = apply
    ? [...cleanup.outcomes.values()].flatMap(({ deletedSnapshots }) => deletedSnapshots)
    : snapshotsToDelete(cleanup);
  const sizes = new Map(cleanup.snapshots.map(({ id, size }) => [id, size]));
  const freed = [...new Set(ids)].filter((id) => sizes.has(id));
  const gib = freed.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
  return { snapshots: freed.length, gib, perMonth: gib * price, price };
}

function snapshotsToDelete({
  decisions,
  snapshotDecisions,
}: Pick<RegionCleanup, 'decisions' | 'snapshotDecisions'>): string[] {
  const stay = new Set(
    decisions.filter(({ action }) => action !== 'delete').flatMap(({ image }) => image.snapshotIds),
  );
  return [
    ...decisions.filter(({ action }) => action === 'delete').flatMap(({ image }) => image.snapshotIds),
    ...snapshotDecisions.filter(({ action }) => action === 'delete').map(({ snapshot }) => snapshot.id),
  ].filter((id) => !stay.has(id));
}
