/** An answer of EC2 that says no: its code and HTTP status are what SDKs decide by, the message is for a person. */
export class Fault extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** A parameter whose value EC2 would not take. */
export function invalidValue(message: string): Fault {
  return new Fault('InvalidParameterValue', message);
}

/** What EC2 has and this cloud has not: said loudly, never ignored. */
export function unsupported(message: string): Fault {
  return new Fault('UnsupportedOperation', message);
}
