import { connectEc2 } from '../aws/connect.ts';
import type { ReferenceOptions } from '../references/find-references.ts';
import { referenceAccount } from '../references/reference-account.ts';
import { leakAccount } from './leak-account.ts';
import { writeReport } from '../lib/report-file.ts';
import { leaksData, leaksResult } from './leaks-result.ts';
import { reapLeaks } from './reap-leaks.ts';

/** What `cleanup --leaks` is asked for, in the words of its flags. */
interface LeaksFlags {
  apply: boolean;
  /** Runs that are over, whatever their age. */
  finished: readonly string[];
  /** Only these nodes; none: all. */
  node: readonly string[];
  /** How long after its newest thing a run may go on, ms. */
  'run-timeout': number;
  /** Where leaks.json goes. */
  reports: string;
}

/**
 * Finds what runs that are over have left in the account, and removes it with `apply`. What is known is in
 * `<reports>/leaks.json`, before the first thing is removed. Answers the stage's result.
 * @throws CloudError (exit 4) when region or credentials are missing or a look-up fails: nothing is removed then.
 */
export async function cleanUpLeaks(flags: LeaksFlags, options: ReferenceOptions, signal: AbortSignal) {
  const order = {
    apply: flags.apply,
    finished: new Set(flags.finished),
    only: flags.node,
    timeoutMs: flags['run-timeout'],
    signal,
  };
  const { references } = await referenceAccount(options);
  const account = { ...leakAccount(await connectEc2()), references };
  return leaksResult(
    await reapLeaks(order, {
      ...account,
      record: (known) => writeReport(flags.reports, 'leaks.json', leaksData(known)),
    }),
  );
}
