import type { LeakDecision } from './decide-leaks.ts';
import { leakSentence } from './leak-sentence.ts';
import type { Reaped } from './reap-leaks.ts';

/** What the reaper did, as `reports/leaks.json` and `--json` have it. */
export function leaksData({ madeAtMs, apply, decisions, outcomes, unavailable }: Reaped) {
  return {
    schema: 1,
    madeAt: new Date(madeAtMs).toISOString(),
    applied: apply,
    ...(unavailable === undefined ? {} : { unavailable }),
    decisions: decisions.map(({ thing: { createdMs, ...thing }, action, reason }) => ({
      thing: {
        ...thing,
        ...(createdMs === undefined ? {} : { createdAt: new Date(createdMs).toISOString() }),
      },
      action,
      reason: { ...reason, text: leakSentence(reason) },
      ...(outcomes.has(thing.id) ? { outcome: outcomes.get(thing.id) } : {}),
    })),
  };
}

/** The result as cleanup shows it: a row for each thing; exit code 4 when the cloud went away, 3 for other failures. */
export function leaksResult(reaped: Reaped) {
  const rows = reaped.decisions
    .filter((one) => isShown(one, reaped))
    .map((decision) => {
      const { thing, reason } = decision;
      const created =
        thing.createdMs === undefined ? '-' : new Date(thing.createdMs).toISOString().slice(0, 19);
      const why = reaped.outcomes.get(thing.id)?.why;
      const reasons = [leakSentence(reason), ...(why === undefined ? [] : [why])].join('; ');
      const place = [thing.node || '-', thing.run || '-', thing.type, nameOf(decision)];
      return [...place, created, wordOf(decision, reaped), reasons];
    });
  const failed = [...reaped.outcomes.values()].some(({ kind }) => kind === 'failed');
  return {
    exitCode: reaped.unavailable !== undefined ? 4 : failed ? 3 : 0,
    json: leaksData(reaped),
    table: { head: ['node', 'run', 'what', 'id', 'created', 'decision', 'reason'], rows },
    closing: [closingLine(reaped)],
  };
}

/** What has ended by itself is no leak, though EC2 lists it for an hour more. */
function isShown({ thing: { id, type, state } }: LeakDecision, { outcomes }: Reaped): boolean {
  if (outcomes.has(id)) return true;
  if (type === 'instance') return state !== 'terminated';
  return type !== 'spot-request' || state === 'open' || state === 'active';
}

/** What was removed, and what is still there though it should not be, for a person. */
export function leakLists({ decisions, outcomes }: Reaped): { removed: string[]; left: string[] } {
  const ends = decisions.flatMap((decision) => {
    const outcome = outcomes.get(decision.thing.id);
    return outcome === undefined ? [] : [{ what: nameOf(decision), ...outcome }];
  });
  return {
    removed: ends.filter(({ kind }) => kind === 'deleted').map(({ what }) => what),
    left: ends
      .filter(({ kind }) => kind !== 'deleted' && kind !== 'gone')
      .map(({ what, why }) => `${what} (${why ?? 'no reason given'})`),
  };
}

function nameOf({ thing }: LeakDecision): string {
  return thing.type === 'key-pair' ? `key pair ${thing.name ?? thing.id}` : thing.id;
}

function wordOf({ thing, action }: LeakDecision, { outcomes }: Reaped): string {
  const outcome = outcomes.get(thing.id);
  if (outcome === undefined) return action;
  return { deleted: 'deleted', gone: 'gone', spared: 'keep', failed: 'FAILED', 'not-done': 'not done' }[
    outcome.kind
  ];
}

function closingLine({ apply, decisions, outcomes }: Reaped): string {
  if (!apply) {
    const doomed = decisions.filter(({ action }) => action === 'delete').length;
    return `${things(doomed)} would be deleted${doomed > 0 ? ' (a plan only: --apply deletes)' : ''}`;
  }
  const count = (wanted: string) => [...outcomes.values()].filter(({ kind }) => kind === wanted).length;
  return [
    `${things(count('deleted'))} deleted`,
    ...(count('failed') > 0 ? [`${count('failed')} failed`] : []),
    ...(count('not-done') > 0 ? [`${count('not-done')} not done`] : []),
  ].join(', ');
}

function things(number: number): string {
  return `${number} leaked thing${number === 1 ? '' : 's'}`;
}
