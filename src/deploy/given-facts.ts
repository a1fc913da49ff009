import { Document, isMap, isScalar, parseDocument } from 'yaml';
import { type PlainFact, whyNoFactName, whyNoPlainFact } from '../nodes/facts-file.ts';
import { isPlainDecimal } from '../nodes/yaml-values.ts';

/** The facts of `--fact NAME=VALUE`, and all that is wrong with them. */
export function givenFacts(given: readonly string[]): { facts: Map<string, string>; problems: string[] } {
  const facts = new Map<string, string>();
  const problems = given.flatMap((text) => {
    const at = text.indexOf('=');
    if (at < 0) return [`--fact ${JSON.stringify(text)} is not NAME=VALUE`];
    const [name, value] = [text.slice(0, at), text.slice(at + 1)];
    const twice = facts.has(name) ? 'is given twice' : undefined;
    facts.set(name, value);
    const why = whyNoFactName(name) ?? twice ?? whyNoPlainFact(value);
    return why === undefined ? [] : [`--fact ${JSON.stringify(name)} ${why}`];
  });
  if (given.length === 0) problems.push('no fact is given: name one with --fact NAME=VALUE');
  return { facts, problems };
}

/**
 * What a given text becomes: a text, as versions are (`1.10`, `2`). Where the fact is a number or a switch so far and the
 * text is one, too, it stays one: manifests may ask for an Integer.
 */
export function typedFact(text: string, was: PlainFact | undefined): PlainFact {
  if (typeof was === 'number' && isPlainDecimal(text)) return Number(text);
  if (typeof was === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** The text of a file of facts with other facts: comments stay, what is new comes last. */
export function textWithFacts(text: string, facts: ReadonlyMap<string, PlainFact>): string {
  const parsed = parseDocument(text);
  // A comment alone is no mapping yet.
  const document = isMap(parsed.contents) ? parsed : new Document({});
  if (document !== parsed) document.commentBefore = parsed.commentBefore ?? parsed.comment;
  for (const [name, value] of facts) {
    const scalar = document.createNode(value);
    const was = document.get(name, true);
    // A new one: the old one remembers how its number was written.
    if (isScalar(was)) {
      const { comment, commentBefore, anchor } = was;
      Object.assign(scalar, { comment, commentBefore, anchor });
    }
    document.set(document.createNode(name), scalar);
  }
  return document.toString({ lineWidth: 0 });
}
