import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from './stage-process.ts';

const stages = ['plan', 'generate', 'build', 'verify', 'promote', 'cleanup'];

/** What a file loads as soon as it is loaded itself: by static imports, those of what it imports as well. */
function loadedWith(file: string, known = new Set<string>()): Set<string> {
  if (known.has(file)) return known;
  known.add(file);
  const source = readFileSync(join(root, file), 'utf8');
  for (const [, from = ''] of source.matchAll(/^(?:import|export) (?!type )(?:[^;']*? from )?'([^']*)';/gm)) {
    if (from.startsWith('.')) loadedWith(join(dirname(file), from), known);
    else if (!from.startsWith('node:')) known.add(from);
  }
  return known;
}

const packagesIn = (loaded: Set<string>) => [...loaded].filter((name) => !name.startsWith('src/')).sort();

// Facts, not times, which the bench measures: on top of Node and tsx zod takes 0.1 s, execa 0.15 s, the SDK 0.25 s.
test.each(stages)('%s answers --help and wrong flags with nothing loaded but its flags', (stage) => {
  const loaded = loadedWith(`src/${stage}.ts`);
  expect(packagesIn(loaded)).toEqual(['fastest-levenshtein']);
  const files = [...loaded].filter((name) => name.startsWith('src/')).map((name) => relative('src', name));
  expect(files).toContain('cli/flags.ts');
  expect(files.filter((name) => name !== `${stage}.ts` && !/^(?:cli|lib)\//.test(name))).toEqual([]);
});

test.each(stages)('%s begins without the SDK of AWS and without execa', (stage) => {
  const loaded = loadedWith(`src/${stage}/${stage}.ts`);
  expect(loaded).toContain('zod');
  // What calls sdk() as soon as it is loaded, loads the SDK.
  const callsSdk = (file: string) => /^const .* = sdk\(/ms.test(readFileSync(join(root, file), 'utf8'));
  const files = [...loaded].filter((name) => name.startsWith('src/'));
  expect(files.filter(callsSdk)).toEqual([]);
  expect(callsSdk('src/build/preflight.ts')).toBe(true);
  expect(packagesIn(loaded).filter((name) => /aws|execa|listr/.test(name))).toEqual([]);
});
