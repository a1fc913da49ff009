import type { Cleanup } from './clean-up.ts';
import type { Decision } from './retention.ts';
import { sentence } from './retention-sentence.ts';

/** The cleanup as `reports/cleanup.json` and `--json` have it. */
export function cleanupData({ region, madeAt, apply, decisions, outcomes, unavailable }: Cleanup) {
  return {
    schema: 1,
    region,
    madeAt: madeAt.toISOString(),
    applied: apply,
    ...(unavailable === undefined ? {} : { unavailable }),
    decisions: decisions.map(({ image: { createdMs, ...image }, action, reason }) => ({
      image: {
        ...image,
        ...(createdMs === undefined ? {} : { createdAt: new Date(createdMs).toISOString() }),
      },
      action,
      reason: { ...reason, text: sentence(reason) },
      ...(outcomes.has(image.id) ? { outcome: outcomes.get(image.id) } : {}),
    })),
  };
}

/** The result as cleanup shows it: a row for each image; exit code 4 when the cloud went away, 3 for other failures. */
export function cleanupResult(cleanup: Cleanup) {
  const rows = cleanup.decisions.map((decision) => {
    const { image, reason } = decision;
    const why = cleanup.outcomes.get(image.id)?.why;
    const created =
      image.createdMs === undefined ? '-' : new Date(image.createdMs).toISOString().slice(0, 19);
    const reasons = [sentence(reason), ...(why === undefined ? [] : [why])].join('; ');
    return [image.node, image.id, created, image.verified ? 'yes' : 'no', wordOf(decision, cleanup), reasons];
  });
  const failed = [...cleanup.outcomes.values()].some(({ kind }) => kind === 'failed');
  return {
    exitCode: cleanup.unavailable !== undefined ? 4 : failed ? 3 : 0,
    json: cleanupData(cleanup),
    table: { head: ['node', 'image', 'created', 'verified', 'decision', 'reason'], rows },
    closing: [closingLine(cleanup)],
  };
}

function wordOf({ image, action }: Decision, { outcomes }: Cleanup): string {
  const outcome = outcomes.get(image.id);
  if (outcome === undefined) return action;
  return { deleted: 'deleted', gone: 'gone', spared: 'keep', failed: 'FAILED', 'not-done': 'not done' }[
    outcome.kind
  ];
}

function closingLine({ apply, decisions, outcomes }: Cleanup): string {
  if (!apply) {
    const doomed = decisions.filter(({ action }) => action === 'delete').length;
    return `${count(doomed, 'image')} would be deleted${doomed > 0 ? ' (a plan only: --apply deletes)' : ''}`;
  }
  const ends = [...outcomes.values()];
  const deleted = ends.filter(({ kind }) => kind === 'deleted').length;
  const snapshots = ends.reduce((sum, { deletedSnapshots }) => sum + deletedSnapshots.length, 0);
  const failed = ends.filter(({ kind }) => kind === 'failed').length;
  const undone = ends.filter(({ kind }) => kind === 'not-done').length;
  return [
    `${count(deleted, 'image')} and ${count(snapshots, 'snapshot')} deleted`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(undone > 0 ? [`${undone} not done`] : []),
  ].join(', ');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
