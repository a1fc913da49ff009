import { Fault } from '../api/fault.ts';

/** What Auto Scaling answers to most of what it does not take. */
export function validationError(message: string): Fault {
  return new Fault('ValidationError', message);
}
