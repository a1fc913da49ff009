import { exitCode, StageError } from '../lib/errors.ts';
import type { NodeFlags } from '../plan/plan-file.ts';

/** The flags of promote, as its entrypoint reads them. */
export interface PromoteFlags extends NodeFlags {
  /** An image of the own region, to be promoted instead of the newest verified one. */
  image: string | undefined;
  rollback: boolean;
  /** An image of the own region, to be revoked. */
  revoke: string | undefined;
  reason: string | undefined;
  reports: string;
  /** Where contents of images are kept. */
  archive: string | undefined;
  apply: boolean;
  force: boolean;
  /** ms */
  'copy-timeout': number;
  verbose: boolean;
}

/** As EC2 writes ids: 8 digits in old accounts, 17 since 2016. */
const imageId = /^ami-[0-9a-f]{8,17}$/;

/**
 * Refuses flags that do not go together.
 * @throws StageError (exit 2) that names every problem
 */
export function checkPromoteFlags(flags: PromoteFlags): void {
  const { image, rollback, revoke, reason, plan, node } = flags;
  const modes = [
    ...(image === undefined ? [] : ['--image']),
    ...(rollback ? ['--rollback'] : []),
    ...(revoke === undefined ? [] : ['--revoke']),
  ];
  const [mode] = modes;
  const problems = [
    ...(modes.length > 1 ? [`${modes.join(' and ')} do not go together: give one`] : []),
    ...(plan !== undefined && mode !== undefined
      ? [
          `--plan and ${mode} do not go together: --plan promotes the newest images of the nodes that it bakes`,
        ]
      : []),
    ...(rollback && node.length === 0 ? ['--rollback needs --node: name each node to roll back'] : []),
    ...(revoke !== undefined && node.length > 0
      ? ['--revoke takes no --node: it acts on every node whose current image it revokes']
      : []),
    ...(revoke !== undefined && reason === undefined ? ['--revoke needs --reason TEXT: say why'] : []),
    ...(reason !== undefined && revoke === undefined ? ['--reason goes with --revoke only'] : []),
    ...(reason?.trim() === '' ? ['--reason is blank: say why'] : []),
    ...[
      ...(image === undefined ? [] : [['--image', image]]),
      ...(revoke === undefined ? [] : [['--revoke', revoke]]),
    ]
      .filter(([, id = '']) => !imageId.test(id))
      .map(
        ([flag = '', id = '']) => `${flag} '${id}' is not the id of an image, such as ami-0123456789abcdef0`,
      ),
  ];
  if (problems.length > 0) throw new StageError(`${problems.join('\n')}\nSee --help.`, exitCode.badInput);
}
