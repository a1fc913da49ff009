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

/**
 * An error for the person who called: its message is all that they need, so no stack is printed. A class of its own
 * extends it only where somebody must tell it from others.
 */
export class StageError extends Error {
  readonly exitCode: number;

  /** @param code 2 for wrong input, 3 for a node that failed, 4 for a tool or a cloud that is not available */
  constructor(message: string, code: number, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.exitCode = code;
  }
}

/** The exit code that a thrown value asks for. Whatever is no StageError, and no full disk, is a bug of ours. */
export function exitCodeOf(error: unknown): number {
  // Whoever could not write something meant that its place is wrong; a full disk is another matter.
  if (isDiskFull(error)) return exitCode.unavailable;
  return error instanceof StageError ? error.exitCode : exitCode.bug;
}

/** Whether an error, or one that it was caused by, says that a disk takes no more; it may later. */
export function isDiskFull(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const code = errnoOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT' || isDiskFull((error as Error).cause);
}

/** The system's code of an error (`ENOENT`); undefined when the system had nothing to do with it. */
export function errnoOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  // Node's own checks have names of their own: ERR_FS_EISDIR.
  return typeof code === 'string' ? code.replace('ERR_FS_', '') : undefined;
}
