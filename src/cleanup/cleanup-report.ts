import type { Image } from '../aws/images.ts';
import type { Cleanup, RegionCleanup, UnavailableRegion } from './clean-up-images.ts';
import { closingLines, savings } from './closing-lines.ts';
import type { ImageDecision, Hold } from './fuses.ts';
import { holdSentence, retentionSentence, snapshotSentence } from './sentences.ts';

/** The cleanup as `reports/cleanup.json` and `--json` have it. */
export function cleanupData(cleanup: Cleanup) {
  const { region, account, settings, otherRegions } = cleanup;
  const { madeAt, ...own } = regionData(cleanup, settings);
  return {
    schema: 1,
    region,
    account,
    madeAt,
    applied: settings.apply,
    ignoredReferences: settings.ignored,
    ...own,
    ...(otherRegions === undefined
      ? {}
      : {
          otherRegions: otherRegions.map((one) =>
            isRead(one) ? { region: one.region, ...regionData(one, settings) } : one,
          ),
        }),
  };
}

function isRead(one: RegionCleanup | UnavailableRegion): one is RegionCleanup {
  return 'decisions' in one;
}

function regionData(cleanup: RegionCleanup, settings: Cleanup['settings']) {
  const { madeAt, crossCheck, decisions, snapshotDecisions, outcomes, unavailable } = cleanup;
  return {
    madeAt: madeAt.toISOString(),
    crossCheck,
    ...(unavailable === undefined ? {} : { unavailable }),
    freed: savings(cleanup, settings),
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

/**
 * The result as cleanup shows it: a row for each image, with its region where there are several; exit code 4 when the cloud
 * went away in one of them, 3 for other failures.
 */
export function cleanupResult(cleanup: Cleanup) {
  const { otherRegions = [] } = cleanup;
  const regions = [cleanup, ...otherRegions];
  const read = regions.filter(isRead);
  const isOne = otherRegions.length === 0;
  const failed = read.some(({ outcomes }) => [...outcomes.values()].some(({ kind }) => kind === 'failed'));
  const isLost = regions.some(({ unavailable }) => unavailable !== undefined);
  return {
    exitCode: isLost ? 4 : failed ? 3 : 0,
    json: cleanupData(cleanup),
    table: {
      head: [...(isOne ? [] : ['region']), 'node', 'image', 'created', 'verified', 'decision', 'reason'],
      rows: regions.flatMap((one) => {
        const rows = isRead(one) ? rowsOf(one) : [['-', '-', '-', '-', 'keep', whyUnread]];
        return rows.map((row) => (isOne ? row : [one.region, ...row]));
      }),
    },
    closing: closingLines(cleanup),
  };
}

const whyUnread = 'the region could not be read: nothing is deleted there';

function rowsOf(cleanup: RegionCleanup): string[][] {
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
  return [...rows, ...orphans];
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

function wordOf({ image, action }: ImageDecision, { outcomes }: RegionCleanup): string {
  const outcome = outcomes.get(image.id);
  return outcome === undefined ? action : words[outcome.kind];
}
