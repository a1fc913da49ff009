import { Fault, invalidValue, unsupported } from './fault.ts';
import type { Tree } from './query.ts';

/** Reads one parameter, absent or not, or throws the Fault that EC2 answers. */
export type Shape<T> = (node: Tree | undefined, path: string) => T;
export type Fields = Readonly<Record<string, Shape<unknown>>>;
export type Decoded<F extends Fields> = { readonly [K in keyof F]: ReturnType<F[K]> };

/** A string as it is given, the empty one too (the value of a tag). */
export const rawText: Shape<string | undefined> = (node, path) => {
  if (node === undefined || typeof node === 'string') return node;
  throw invalidValue(`Value for parameter ${path} is invalid. It must be a single value`);
};

/** A string. EC2 takes an empty one for an absent one, and Go's SDK sends those. */
export const text: Shape<string | undefined> = (node, path) => {
  const value = rawText(node, path);
  return value === '' ? undefined : value;
};

export const integer: Shape<number | undefined> = (node, path) => {
  const value = text(node, path);
  if (value === undefined) return undefined;
  if (!/^-?\d{1,15}$/.test(value)) {
    throw invalidValue(`Value (${value}) for parameter ${path} is invalid. It must be an integer`);
  }
  return Number(value);
};

export const flag: Shape<boolean | undefined> = (node, path) => {
  const value = text(node, path)?.toLowerCase();
  if (value === undefined || value === 'true' || value === 'false') return value && value === 'true';
  throw invalidValue(`Value (${value}) for parameter ${path} is invalid. It must be true or false`);
};

/** Bytes in base64, handed on as base64. */
export const blob: Shape<string | undefined> = (node, path) => {
  const value = text(node, path)?.replace(/\s/g, '');
  if (value !== undefined && !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) {
    throw invalidValue(`Invalid BASE64 encoding of the parameter ${path}`);
  }
  return value;
};

/** One of some words. */
export function oneOf<const W extends string>(...words: W[]): Shape<W | undefined> {
  return (node, path) => {
    const value = text(node, path);
    const found = words.find((word) => word === value);
    if (value !== undefined && found === undefined) {
      throw invalidValue(
        `Value (${value}) for parameter ${path} is invalid. Valid values: ${words.join(', ')}`,
      );
    }
    return found;
  };
}

/** `Name.1`, `Name.2`, ... in the order of their numbers; [] when absent. */
export function list<T>(item: Shape<T>): Shape<NonNullable<T>[]> {
  return (node, path) => {
    if (node === undefined || node === '') return [];
    if (typeof node === 'string')
      throw invalidValue(`The parameter ${path} is a list: ${path}.1 is its first item`);
    const numbers = [...node.keys()].sort((a, b) => Number(a) - Number(b));
    return numbers.flatMap((number) => {
      if (!/^[1-9]\d{0,5}$/.test(number)) throw unknown(`${path}.${number}`);
      return item(node.get(number), `${path}.${number}`) ?? [];
    });
  };
}

/** A structure; a field of it that has no shape here is refused unless it is empty. */
export function group<F extends Fields>(fields: F): Shape<Decoded<F> | undefined> {
  return (node, path) => {
    if (node === undefined || node === '') return undefined;
    if (typeof node === 'string') throw invalidValue(`The parameter ${path} is a structure, not a value`);
    refuseUnknown(node, fields, path);
    const entries = Object.entries(fields).map(([name, shape]) => [
      name,
      shape(node.get(name), path === '' ? name : `${path}.${name}`),
    ]);
    // Object.entries() forgets which shape belongs to which name; the line above is what pairs them.
    return Object.fromEntries(entries) as Decoded<F>;
  };
}

/** Makes an optional parameter a required one. */
export function required<T>(shape: Shape<T>): Shape<NonNullable<T>> {
  return (node, path) => {
    const value = shape(node, path);
    if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) {
      throw new Fault('MissingParameter', `The request must contain the parameter ${path}`);
    }
    return value;
  };
}

function refuseUnknown(node: ReadonlyMap<string, Tree>, fields: Fields, path: string): void {
  for (const [name, value] of node) {
    if (!Object.hasOwn(fields, name) && !isEmpty(value))
      throw unknown(path === '' ? name : `${path}.${name}`);
  }
}

function isEmpty(node: Tree): boolean {
  return typeof node === 'string' ? node === '' : [...node.values()].every(isEmpty);
}

function unknown(path: string): Fault {
  return unsupported(`The local cloud does not know the parameter ${path}; leave it out, or use AWS for it`);
}
