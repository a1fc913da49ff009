import { showWork, watched } from '../cli/progress.ts';
import { reportsAdvice } from '../cli/shared-flags.ts';
import { join } from 'node:path';
import { connectEc2 } from '../aws/connect.ts';
import type { LeftoverDecision } from '../leftovers/decide-leftovers.ts';
import { leftoverDeps } from '../leftovers/leftover-account.ts';
import { leftoverSentence, nameOf } from '../leftovers/leftover-sentence.ts';
import { removeLeftovers, type LeftoverCleanup } from '../leftovers/remove-leftovers.ts';
import { writeJsonFile } from '../lib/json-file.ts';
import type { ReferenceOptions } from '../references/find-references.ts';
import { referenceAccount } from '../references/reference-account.ts';

/** The flags that `cleanup --leaks` uses. */
export interface LeftoversFlags {
  apply: boolean;
  /** Runs that have ended, whatever their age. */
  finished: readonly string[];
  /** Only these nodes; none: all. */
  node: readonly string[];
  /** How long after its newest resource a run may still be going on, ms. */
  'run-timeout': number;
  /** Where leaks.json goes. */
  reports: string;
}

/**
 * Finds what ended runs left in the account, and removes it with `apply`. `<reports>/leaks.json` is written before the
 * first resource is removed. Answers the stage's result.
 * @throws CloudError (exit 4) when region or credentials are missing or a call fails: nothing is removed then.
 */
export async function cleanUpLeftovers(
  flags: LeftoversFlags,
  options: ReferenceOptions,
  signal: AbortSignal,
) {
  const request = {
    apply: flags.apply,
    finished: new Set(flags.finished),
    only: flags.node,
    timeoutMs: flags['run-timeout'],
    signal,
  };
  const { references } = await referenceAccount(options);
  const account = { ...leftoverDeps(await connectEc2()), references };
  const work = showWork('cleanup', watched());
  try {
    return leftoversResult(
      await removeLeftovers(request, {
        ...account,
        record: (known) =>
          writeJsonFile(join(flags.reports, 'leaks.json'), leftoversData(known), reportsAdvice),
        onStep: (done, of) => {
          work.portion('deleting leftovers', { done, of });
        },
      }),
    );
  } finally {
    await work.end();
  }
}

/** What was decided and done, as `reports/leaks.json` and `--json` have it. */
function leftoversData({ madeAtMs, apply, decisions, outcomes, unavailable }: LeftoverCleanup) {
  return {
    schema: 1,
    madeAt: new Date(madeAtMs).toISOString(),
    applied: apply,
    ...(unavailable === undefined ? {} : { unavailable }),
    decisions: decisions.map(({ resource: { createdMs, ...resource }, action, reason }) => ({
      // The file's own word: scripts read it.
      thing: {
        ...resource,
        ...(createdMs === undefined ? {} : { createdAt: new Date(createdMs).toISOString() }),
      },
      action,
      reason: { ...reason, text: leftoverSentence(reason) },
      ...(outcomes.has(resource.id) ? { outcome: outcomes.get(resource.id) } : {}),
    })),
  };
}

/** The result as cleanup shows it: a row for each resource; exit code 4 when the cloud went away, 3 for other failures. */
export function leftoversResult(cleanup: LeftoverCleanup) {
  const rows = cleanup.decisions
    .filter((one) => isShown(one, cleanup))
    .map((decision) => {
      const { resource, reason } = decision;
      const created =
        resource.createdMs === undefined ? '-' : new Date(resource.createdMs).toISOString().slice(0, 19);
      const why = cleanup.outcomes.get(resource.id)?.why;
      const reasons = [leftoverSentence(reason), ...(why === undefined ? [] : [why])].join('; ');
      const place = [resource.node || '-', resource.run || '-', resource.type, nameOf(decision)];
      return [...place, created, wordOf(decision, cleanup), reasons];
    });
  const failed = [...cleanup.outcomes.values()].some(({ kind }) => kind === 'failed');
  return {
    exitCode: cleanup.unavailable !== undefined ? 4 : failed ? 3 : 0,
    json: leftoversData(cleanup),
    table: { head: ['node', 'run', 'what', 'id', 'created', 'decision', 'reason'], rows },
    closing: [closingLine(cleanup)],
  };
}

/** What has ended by itself is no leftover, though EC2 lists it for an hour more. */
function isShown(
  { resource: { id, type, state } }: LeftoverDecision,
  { outcomes }: LeftoverCleanup,
): boolean {
  if (outcomes.has(id)) return true;
  if (type === 'instance') return state !== 'terminated';
  return type !== 'spot-request' || state === 'open' || state === 'active';
}

function wordOf({ resource, action }: LeftoverDecision, { outcomes }: LeftoverCleanup): string {
  const outcome = outcomes.get(resource.id);
  if (outcome === undefined) return action;
  return { deleted: 'deleted', gone: 'gone', spared: 'keep', failed: 'FAILED', 'not-done': 'not done' }[
    outcome.kind
  ];
}

function closingLine({ apply, decisions, outcomes }: LeftoverCleanup): string {
  if (!apply) {
    const toDelete = decisions.filter(({ action }) => action === 'delete').length;
    return `${leftovers(toDelete)} would be deleted${toDelete > 0 ? ' (a plan only: --apply deletes)' : ''}`;
  }
  const count = (wanted: string) => [...outcomes.values()].filter(({ kind }) => kind === wanted).length;
  return [
    `${leftovers(count('deleted'))} deleted`,
    ...(count('failed') > 0 ? [`${count('failed')} failed`] : []),
    ...(count('not-done') > 0 ? [`${count('not-done')} not done`] : []),
  ].join(', ');
}

function leftovers(number: number): string {
  return `${number} leftover${number === 1 ? '' : 's'}`;
}
