import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { isMap, isScalar } from 'yaml';
import { errnoOf } from '../lib/errors.ts';
import { printable } from '../lib/printable.ts';
import { type Remark, shown, YamlText } from './yaml-text.ts';
import { offsetOf } from './yaml-values.ts';

/** A fact of a file: what a deploy may change. */
export type PlainFact = string | number | boolean;

/** The facts of a file. With a problem, they must not be used. */
export interface FactsFile {
  facts: Record<string, PlainFact>;
  problems: Remark[];
}

/** Reads a file that `facts_from` names: its text, or why there is none, as the rest of a sentence. */
export type ReadFactsText = (path: string) => { text: string } | { why: string; isMissing?: boolean };

export const factName = /^[a-z][a-z0-9_]*$/;
const maxName = 64;
const maxValue = 256;
const maxBytes = 1_000_000;

/** Variables that Puppet itself sets at top scope or in each class: as facts they would be lost, or end the compilation. */
const ofPuppet = new Set(
  `trusted facts server_facts environment clientcert clientversion clientnoop servername serverip serverip6
  serverversion name title module_name caller_module_name`.split(/\s+/),
);

/** Why a name is none for a fact of a file, as the rest of a sentence; undefined: it is one. */
export function whyNoFactName(name: string): string | undefined {
  if (!factName.test(name) || name.length > maxName)
    return `is not the name of a fact: up to ${maxName} of a-z, 0-9 and _, beginning with a letter`;
  if (name.startsWith('bakehouse_')) return 'is a name that Bakehouse keeps for its own facts';
  return ofPuppet.has(name) ? 'is a variable that Puppet itself sets: take another name' : undefined;
}

/**
 * Why a value is no plain fact, as the rest of a sentence; undefined: it is one. Facts reach no shell. But a deploy's value
 * comes from outside, and manifests and templates may hand it on to one.
 */
export function whyNoPlainFact(value: unknown): string | undefined {
  if (value === null || value === undefined || value === '') return 'has no value';
  if (typeof value === 'object') return 'is a list or a mapping: give it under `facts` of nodes.yaml';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length > maxValue) return `is longer than ${maxValue} characters`;
  if (printable(text) !== text) return 'has a line break or a character that cannot be seen';
  if (text.trim() !== text) return 'begins or ends with a blank';
  if (/\$[({]|`|\{\{/.test(text))
    return 'has `$(`, `${`, `{{` or a backtick, which a shell or a template would run';
  return undefined;
}

/** Reads the text of a file of facts, and collects all that is wrong with it. It may have no fact at all. */
export function parseFactsFile(text: string, file: string): FactsFile {
  const yaml = new YamlText(text, file);
  const facts: [string, PlainFact][] = [];
  yaml.read(() => {
    const top = yaml.document.contents;
    if (top === null || (isScalar(top) && top.value === null)) return;
    if (!isMap(top)) {
      yaml.problem(offsetOf(top), 'the file is not a mapping of facts, such as `version: 1.4.2`');
      return;
    }
    for (const entry of yaml.values.entries(top)) {
      const { key, keyAt, at } = entry;
      const value = yaml.values.plain(entry);
      const [badName, badValue] = [whyNoFactName(key), whyNoPlainFact(value)];
      if (badName !== undefined) yaml.problem(keyAt, `${shown(key)} ${badName}`);
      if (badValue !== undefined) yaml.problem(at, `${shown(key)} ${badValue}`);
      facts.push([key, value as PlainFact]);
    }
  }, undefined);
  return { facts: Object.fromEntries(facts), problems: yaml.problems };
}

/**
 * Reads files of facts on this computer. A file must lie below the folder of nodes.yaml, also behind symbolic links: then a
 * commit has it as it has nodes.yaml, and what an image was made of can be found again.
 */
export function factsReader(nodesFile: string): ReadFactsText {
  return (path) => {
    try {
      const folder = realpathSync(dirname(nodesFile));
      // Also of a file that is missing: deploy makes it.
      if (relative(folder, nearest(join(folder, path))).split(sep)[0] === '..')
        return { why: 'is a symbolic link out of the folder of nodes.yaml: put the file itself there' };
      const file = realpathSync(join(folder, path));
      const stat = statSync(file);
      // Whoever reads a pipe waits for ever.
      if (!stat.isFile()) return { why: 'is not a file' };
      if (stat.size > maxBytes) return { why: `is larger than ${maxBytes} bytes` };
      return { text: readFileSync(file, 'utf8') };
    } catch (error) {
      const code = errnoOf(error);
      if (code === undefined) throw error;
      return code === 'ENOENT' ? { why: missing, isMissing: true } : { why: `cannot be read (${code})` };
    }
  };
}

/** A reader to which a file that is missing is one without facts: deploy makes it. */
export function missingAsEmpty(read: ReadFactsText): ReadFactsText {
  return (path) => {
    const found = read(path);
    return 'why' in found && found.isMissing === true ? { text: '' } : found;
  };
}

/** Where a path leads, or the nearest folder above it that is there. */
function nearest(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return nearest(dirname(path));
  }
}

const missing = 'does not exist: create it (an empty file has no facts), or run deploy, which does';
