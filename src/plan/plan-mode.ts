import { exitCode, StageError } from '../lib/errors.ts';

/** What plan is asked to do. */
export type PlanMode = 'plan' | 'offline' | 'since';

/** The flags that may contradict each other. */
export interface ModeFlags {
  offline: boolean;
  since: string | undefined;
  diff: string | undefined;
  markdown: boolean;
  force: boolean;
  json: boolean;
  node: string[];
}

/**
 * What a command line asks for.
 * @throws StageError that names all contradictions at once
 */
export function planMode(flags: ModeFlags): PlanMode {
  const { offline, since, diff, markdown, force, json, node } = flags;
  const mode = since !== undefined ? 'since' : offline ? 'offline' : 'plan';
  const problems = [
    ...(offline && since === undefined && diff !== undefined
      ? [
          '--diff compares with the newest image, which --offline never asks for: leave one of them out, or give --since REV',
        ]
      : []),
    ...(markdown && diff === undefined && since === undefined
      ? ['--markdown needs --diff NODE or --since REV']
      : []),
    ...(markdown && json ? ['--markdown and --json: give one of them'] : []),
    ...(force && mode !== 'plan' ? [`--force decides nothing with --${mode}: leave it out`] : []),
    ...(diff !== undefined && node.length > 0 && !node.includes(diff)
      ? [`--diff ${diff} is not among the nodes of --node`]
      : []),
  ];
  if (problems.length > 0) throw new StageError(`${problems.join('\n')}\nSee --help.`, exitCode.badInput);
  return mode;
}
