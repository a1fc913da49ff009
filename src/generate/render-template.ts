import Mustache from 'mustache';

/** The delimiters of the template: Packer owns the usual ones. */
const delimiters: [string, string] = ['<%', '%>'];

/** Something wrong with the template, at a place in it; line and column count from 1. */
export interface TemplateProblem {
  line: number;
  column: number;
  message: string;
}

/** The pack's text, or all that is wrong. */
export type Rendered = { text: string } | { problems: TemplateProblem[] };

/** It keeps what it has parsed: a thousand nodes share a template, whose parsing takes longer than all the rest. */
const writer = new Mustache.Writer();

/**
 * Renders the template for one node.
 *
 * Strings are escaped for the inside of a JSON string and made inert for Packer's own template language; other values
 * become JSON. A name that `view` lacks is a problem. A section (`<%#key%>`) may name any key of `optional`, too: keys
 * that only some nodes have.
 */
export function renderTemplate(
  template: string,
  view: Readonly<Record<string, unknown>>,
  optional: ReadonlySet<string>,
): Rendered {
  let tokens: Token[];
  try {
    tokens = writer.parse(template, delimiters) as Token[];
  } catch (error) {
    return { problems: [parseProblem(template, (error as Error).message)] };
  }
  const problems = unknownNames(tokens, [view], optional).map(({ name, offset }) => ({
    ...placeOf(template, offset),
    message: `nothing gives \`${name}\` a value: it is neither a key of Bakehouse's nor of the node`,
  }));
  if (problems.length > 0) return { problems };
  return { text: writer.render(template, view, undefined, { tags: delimiters, escape: jsonInside }) };
}

/** Line and column, from 1, of an offset into a text. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

function jsonInside(value: unknown): string {
  if (typeof value !== 'string') return inert(JSON.stringify(value));
  return inert(JSON.stringify(value).slice(1, -1));
}

/** Packer would run what stands between double braces; a raw string in its own syntax gives the braces back. */
function inert(json: string): string {
  return json.replaceAll('{{', '{{`{{`}}');
}

type Token = [type: string, name: string, start: number, end: number, ...rest: unknown[]];

function unknownNames(
  tokens: Token[],
  scopes: unknown[],
  optional: ReadonlySet<string>,
): { name: string; offset: number }[] {
  return tokens.flatMap((token) => {
    const [type, name, offset] = token;
    if (type === 'text' || type === '!' || name === '.') return [];
    const value = lookUp(scopes, name);
    const isSection = type === '#' || type === '^';
    const absent = value === undefined || (!isSection && value === null);
    if (absent && !(isSection && optional.has(name.split('.')[0] ?? ''))) return [{ name, offset }];
    if (type !== '#' || isFalsy(value))
      return type === '^' && isFalsy(value) ? inner(token, scopes, optional) : [];
    const items: unknown[] = Array.isArray(value) ? value : [value];
    return items.slice(0, 1).flatMap((item) => inner(token, [...scopes, item], optional));
  });
}

function inner(token: Token, scopes: unknown[], optional: ReadonlySet<string>) {
  return unknownNames(token[4] as Token[], scopes, optional);
}

function isFalsy(value: unknown): boolean {
  return !value || (Array.isArray(value) && value.length === 0);
}

/** Mustache's own rule: the first part of a dotted name in the innermost scope that has it, the rest below it. */
function lookUp(scopes: unknown[], name: string): unknown {
  const [first = '', ...rest] = name.split('.');
  const scope = scopes.findLast((candidate) => own(candidate, first) !== undefined);
  return rest.reduce<unknown>(own, own(scope, first));
}

function own(value: unknown, key: string): unknown {
  const holds = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
  return holds ? (value as Record<string, unknown>)[key] : undefined;
}

/** Mustache's messages end with an offset: `Unclosed tag at 17`. */
function parseProblem(template: string, message: string): TemplateProblem {
  const match = /^(.*) at (\d+)$/s.exec(message);
  const place = placeOf(template, Number(match?.[2] ?? 0));
  return { ...place, message: match?.[1] ?? message };
}
