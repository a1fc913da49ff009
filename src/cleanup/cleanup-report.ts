import type { Image } from '../aws/images.ts';
import type { Cleanup } from './clean-up-images.ts';
import type { ImageDecision, Hold } from './fuses.ts';
import { holdSentence, retentionSentence, snapshotSentence } from './sentences.ts';

/** The cleanup as `reports/cleanup.json` and `--json` have it. */
export function cleanupData(cleanup: Cleanup) {
  const { region, account, madeAt, settings, decisions, snapshotDecisions, outcomes, unavailable } = cleanup;
  return {
    schema: 1,
    region,
    account,
    madeAt: madeAt.toISOString(),
    applied: settings.apply,
    ignoredReferences: settings.ignored,
    crossCheck: cleanup.crossCheck,
    ...(unavailable === undefined ? {} : { unavailable }),
    freed: savings(cleanup),
    decisions: decisions.map(({ image, node, action, reason, hold }) => ({
      image: imageData(image, node),
      action,
      reason: { ...reason, text: retentionSentence(reason) },
      ...holdField(hold),
      ...(outcomes.has(image.id) ? { outcome: outcomes.get(image.id) } : {}),
    })),
    snapshots: snapshotDecisions.map(({ snapshot: { startedMs, ...snapshot }, action, reason, hold }) => ({
      snapshot: { ...snapshot, ...timeField('startedAt', startedMs) },
      action,
      reason: { ...reason, text: snapshotSentence(reason) },
      ...holdField(hold),
      ...(outcomes.has(snapshot.id) ? { outcome: outcomes.get(snapshot.id) } : {}),
    })),
  };
}

function holdField(hold: Hold | undefined) {
  return hold === undefined ? {} : { hold: { ...hold, text: holdSentence(hold) } };
}

function imageData(
  { id, name, createdMs, state, verified, rejected, revoked, run, snapshotIds }: Image,
  node: string,
) {
  const created = timeField('createdAt', createdMs);
  const word = revoked === undefined ? {} : { revoked };
  return { id, node, name, state, verified, rejected, ...word, run, snapshotIds, ...created };
}

function timeField<K extends string>(name: K, ms: number | undefined): Partial<Record<K, string>> {
  return ms === undefined ? {} : ({ [name]: new Date(ms).toISOString() } as Partial<Record<K, string>>);
}

/** The result as cleanup shows it: a row for each image; exit code 4 when the cloud went away, 3 for other failures. */
export function cleanupResult(cleanup: Cleanup) {
  const rows = cleanup.decisions.map((decision) => {
    const { image, node, reason, hold } = decision;
    const why = cleanup.outcomes.get(image.id)?.why;
    const reasons = [
      retentionSentence(reason),
      ...(hold === undefined ? [] : [holdSentence(hold)]),
      ...(why === undefined ? [] : [why]),
    ];
    const verified = image.verified ? 'yes' : 'no';
    return [
      node || '-',
      image.id,
      day(image.createdMs),
      verified,
      wordOf(decision, cleanup),
      reasons.join('; '),
    ];
  });
  const orphans = cleanup.snapshotDecisions.map(({ snapshot, action, reason, hold }) => {
    const outcome = cleanup.outcomes.get(snapshot.id);
    const reasons = [
      snapshotSentence(reason),
      ...(hold === undefined ? [] : [holdSentence(hold)]),
      ...(outcome?.why === undefined ? [] : [outcome.why]),
    ];
    const word = outcome === undefined ? action : words[outcome.kind];
    return [snapshot.node, snapshot.id, day(snapshot.startedMs), '-', word, reasons.join('; ')];
  });
  const failed = [...cleanup.outcomes.values()].some(({ kind }) => kind === 'failed');
  return {
    exitCode: cleanup.unavailable !== undefined ? 4 : failed ? 3 : 0,
    json: cleanupData(cleanup),
    table: {
      head: ['node', 'image', 'created', 'verified', 'decision', 'reason'],
      rows: [...rows, ...orphans],
    },
    closing: [...closingLines(cleanup), ...uncheckedLines(cleanup)],
  };
}

function day(ms: number | undefined): string {
  return ms === undefined ? '-' : new Date(ms).toISOString().slice(0, 19);
}

const words = {
  deleted: 'deleted',
  disabled: 'disabled',
  gone: 'gone',
  spared: 'keep',
  failed: 'FAILED',
  'not-done': 'not done',
} as const;

function wordOf({ image, action }: ImageDecision, { outcomes }: Cleanup): string {
  const outcome = outcomes.get(image.id);
  return outcome === undefined ? action : words[outcome.kind];
}

function closingLines(cleanup: Cleanup): string[] {
  const { decisions, settings, outcomes } = cleanup;
  const { snapshots, gib, perMonth, price } = savings(cleanup);
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

function uncheckedLines({ settings, crossCheck }: Cleanup): string[] {
  const missing = "EC2's own list of references is not available here: only Bakehouse's own checks count";
  return [
    ...(settings.ignored.length > 0 ? [`not checked: ${settings.ignored.join(', ')}`] : []),
    ...(crossCheck === 'not available' ? [missing] : []),
  ];
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
  cleanup: Pick<Cleanup, 'settings' | 'decisions' | 'snapshotDecisions' | 'snapshots' | 'outcomes'>,
): Savings {
  const { price, apply } = cleanup.settings;
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
}: Pick<Cleanup, 'decisions' | 'snapshotDecisions'>): string[] {
  const stay = new Set(
    decisions.filter(({ action }) => action !== 'delete').flatMap(({ image }) => image.snapshotIds),
  );
  return [
    ...decisions.filter(({ action }) => action === 'delete').flatMap(({ image }) => image.snapshotIds),
    ...snapshotDecisions.filter(({ action }) => action === 'delete').map(({ snapshot }) => snapshot.id),
  ].filter((id) => !stay.has(id));
}
