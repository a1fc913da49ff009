import { group, list, required, text, type Decoded } from '../api/shapes.ts';
import type { Parameter } from '../state/parameter.ts';
import { validationException } from './names.ts';

const fields = { Key: required(text), Option: text, Values: list(text) };

export const parameterFilterShape = list(group(fields));

type Test = (parameter: Parameter, value: string) => boolean;

/** By key and option: those of SSM that this cloud has. */
const tests: Readonly<Record<string, Readonly<Record<string, Test>>>> = {
  Name: {
    Equals: ({ name }, value) => name === value,
    BeginsWith: ({ name }, value) => name.startsWith(value),
    Contains: ({ name }, value) => name.includes(value),
  },
  Path: {
    OneLevel: ({ name }, value) => isBelow(name, value, false),
    Recursive: ({ name }, value) => isBelow(name, value, true),
  },
  Type: { Equals: ({ type }, value) => type === value },
  DataType: { Equals: ({ dataType }, value) => dataType === value },
  Tier: { Equals: (_, value) => value === 'Standard' },
};

const usual: Readonly<Record<string, string>> = { Path: 'OneLevel' };

/** Makes the test of some filters: all must match, each by one of its values. Throws for one that is not known. */
export function matchesAll(filters: readonly Decoded<typeof fields>[]): (parameter: Parameter) => boolean {
  const each = filters.map(({ Key, Option = usual[Key] ?? 'Equals', Values }) => {
    const test = Object.hasOwn(tests, Key) ? tests[Key]?.[Option] : undefined;
    if (test === undefined)
      throw validationException(`The local cloud has no parameter filter ${Key} with the option ${Option}`);
    if (Values.length === 0) throw validationException(`The filter ${Key} has no values`);
    return (parameter: Parameter) => Values.some((value) => test(parameter, value));
  });
  return (parameter) => each.every((test) => test(parameter));
}

/** Whether a name lies in the hierarchy below `path`. */
export function isBelow(name: string, path: string, recursive: boolean): boolean {
  const folder = path.endsWith('/') ? path : `${path}/`;
  // A name without slashes stands at the root.
  const whole = name.startsWith('/') ? name : `/${name}`;
  return whole.startsWith(folder) && (recursive || !whole.slice(folder.length).includes('/'));
}
