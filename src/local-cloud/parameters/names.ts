import { Fault } from '../api/fault.ts';

/** What SSM answers to most of what it does not take. */
export function validationException(message: string): Fault {
  return new Fault('ValidationException', message);
}

/** How many parameters SSM takes in one call. */
const most = 10;

/** Throws where a call names too many parameters. */
export function checkNumber(names: readonly string[]): void {
  if (names.length <= most) return;
  throw validationException(
    `1 validation error detected: Value '[${names.join(', ')}]' at 'names' failed to satisfy constraint: Member must have length less than or equal to ${most}`,
  );
}

/** Throws what SSM answers to a name that no parameter can have. */
export function checkName(name: string): void {
  if (!/^[a-zA-Z0-9_.\-/]{1,1011}$/.test(name) || (name.includes('/') && !name.startsWith('/'))) {
    throw validationException(
      'Parameter name: can only contain letters, digits and the symbols ".-_", and slashes that begin with the first character',
    );
  }
  if (/^\/?(?:aws|ssm)/i.test(name)) {
    throw validationException('Parameter name: can\'t be prefixed with "ssm" or "aws" (case-insensitive).');
  }
  if (name.split('/').length > 16) {
    throw new Fault('HierarchyLevelLimitExceededException', 'A hierarchy can have a maximum of 15 levels.');
  }
}
