/** No catalog can be compiled at all: 2 when the environment is at fault, 4 when Puppet is. */
export class CompilerError extends Error {
  readonly exitCode: 2 | 4;

  constructor(exitCode: 2 | 4, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
