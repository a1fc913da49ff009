import { sha256 } from '../lib/hash.ts';
import { secretName, withoutSecretForms } from '../puppet/report/secret-forms.ts';

type Facts = Readonly<Record<string, unknown>>;

/** What a node's pack is made of. */
export interface PackParts {
  /** Hash of the pack without the facts. */
  template: string;
  facts: Facts;
}

/** A fact that changed. A value is its text, null where there is no such fact; absent: it is not shown. */
export interface FactChange {
  fact: string;
  was?: string | null;
  is?: string | null;
}

/** What of a pack changed. */
export interface PackChange {
  /** Those that are known. */
  facts: FactChange[];
  /** Whether the pack itself changed, besides the facts. */
  template: boolean;
}

/** A tag's characters that EC2 takes, without blanks and `=`; not `@`, which marks a hash. */
const plainToken = /^[\w.:/+-][\w.:/@+-]{0,63}$/;

/** A value as text, or as JSON; undefined: it may be secret, and even its hash could give it away. */
function openText(name: string, value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return secretName.test(name) || withoutSecretForms(text) !== text ? undefined : text;
}

/** What is shown of a value that is there; undefined: nothing. */
function shownText(name: string, value: unknown): string | undefined {
  return typeof value === 'object' ? undefined : openText(name, value);
}

/** A fact as a word of a tag: its text, or the beginning of its hash. */
function tokenOf(name: string, value: unknown): string | undefined {
  const text = openText(name, value);
  if (text === undefined || (typeof value !== 'object' && plainToken.test(text))) return text;
  return `@${sha256(JSON.stringify(value)).slice(0, 8)}`;
}

function tokensOf(facts: Facts): [name: string, token: string][] {
  return Object.entries(facts).flatMap(([name, value]): [string, string][] => {
    const token = tokenOf(name, value);
    return token === undefined ? [] : [[name, token]];
  });
}

/**
 * What an image is to say of its pack, so that a later plan can name the fact that changed: words for the end of its tag of
 * inputs. Where there is no room for all facts, the shortest are in it.
 * @param room how many characters the tag has left
 */
export function packRecord({ template, facts }: PackParts, room: number): string {
  const tokens = tokensOf(facts);
  const words = tokens.map(([name, token]) => `+${name}=${token}`);
  let record = `template=${template.slice(0, 12)} facts=${words.length}`;
  if (record.length > room) return '';
  for (const word of words.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))) {
    if (record.length + 1 + word.length > room) break;
    record += ` ${word}`;
  }
  return record;
}

/** How a pack differs from that of an image; undefined: the image's tag does not say what that was. */
export function changeSinceRecord(tagText: string, now: PackParts): PackChange | undefined {
  const words = tagText.split(/\s+/).map((word): [string, string] => {
    const at = word.indexOf('=');
    return [word.slice(0, at), word.slice(at + 1)];
  });
  const recorded = new Map(words.filter(([name]) => name.startsWith('+')).map(([name, token]) => [name.slice(1), token])); // prettier-ignore
  const of = (name: string) => words.find(([one]) => one === name)?.[1];
  const template = of('template');
  if (template === undefined) return undefined;
  const isWhole = of('facts') === String(recorded.size);
  const tokens = new Map(tokensOf(now.facts));
  const facts = namesOf(recorded, tokens).flatMap((fact): FactChange[] => {
    const [was, is] = [recorded.get(fact), tokens.get(fact)];
    // What the tag had no room for may be as it was.
    if (was === is || (was === undefined && !isWhole)) return [];
    const isShown = (token: string | undefined) => token?.startsWith('@') !== true;
    const after = now.facts[fact] === undefined ? null : shownText(fact, now.facts[fact]);
    return [
      {
        fact,
        ...(isShown(was) ? { was: was ?? null } : {}),
        ...(after === undefined ? {} : { is: after }),
      },
    ];
  });
  return { facts, template: template !== now.template.slice(0, 12) };
}

/** How a pack differs from an earlier one of which all is known. */
export function changeOfPack(before: PackParts, now: PackParts): PackChange {
  const names = namesOf(Object.entries(before.facts), Object.entries(now.facts));
  const facts = names.flatMap((fact): FactChange[] => {
    const [was, is] = [before.facts[fact], now.facts[fact]];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    const shown = (key: 'was' | 'is', value: unknown): Partial<FactChange> => {
      const text = value === undefined ? null : shownText(fact, value);
      return text === undefined ? {} : { [key]: text };
    };
    return [{ fact, ...shown('was', was), ...shown('is', is) }];
  });
  return { facts, template: before.template !== now.template };
}

function namesOf(...all: Iterable<readonly [string, unknown]>[]): string[] {
  return [...new Set(all.flatMap((entries) => [...entries].map(([name]) => name)))].sort();
}
