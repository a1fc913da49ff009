/** The exit codes that every stage shares. Jenkins may retry `unavailable` only. */
export const exitCode = {
  done: 0,
  bug: 1,
  badInput: 2,
  nodeFailed: 3,
  unavailable: 4,
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
} as const;

/** An error for the person who called: its message is all that they need, so no stack is printed. */
export class StageError extends Error {
  readonly exitCode: number;

  constructor(code: number, message: string) {
    super(message);
    this.exitCode = code;
  }
}

/**
 * The exit code that a thrown value asks for. The other rooms may not import this one, so what counts is the
 * number that an error carries, not its class; whatever carries none is a bug of ours.
 */
export function exitCodeOf(error: unknown): number {
  // Whoever could not write something meant that its place is wrong; a full disk is another matter.
  if (isDiskFull(error)) return exitCode.unavailable;
  if (
    typeof error === 'object' &&
    error !== null &&
    'exitCode' in error &&
    typeof error.exitCode === 'number'
  ) {
    return error.exitCode;
  }
  return exitCode.bug;
}

/** Whether an error, or one that it was caused by, says that a disk takes no more. */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT' || isDiskFull(error.cause);
}
