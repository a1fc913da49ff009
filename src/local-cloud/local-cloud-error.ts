/** Why the local cloud cannot start, in one sentence for the person at the terminal, and its exit code. */
export class LocalCloudError extends Error {
  /** 2: wrong flags; 4: something on this computer is missing or in the way. */
  readonly exitCode: 2 | 4;
  constructor(message: string, exitCode: 2 | 4 = 4) {
    super(message);
    this.exitCode = exitCode;
  }
}
