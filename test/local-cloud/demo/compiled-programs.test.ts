import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compiledPrograms } from '../../../src/local-cloud/demo/compiled-programs.ts';
import { temporaryFolder } from '../../cli/stage-process.ts';

const project = temporaryFolder();
const at = (...names: string[]) => join(project.path, ...names);
const made: string[] = [];
const compile = (folder: string) => {
  made.push(folder);
  mkdirSync(folder);
  writeFileSync(join(folder, 'plan.js'), '');
  return Promise.resolve(0);
};
const folders = () => readdirSync(project.path).filter((name) => name.startsWith('dist'));

beforeAll(() => {
  for (const name of ['jobs', 'src', 'src/plan']) mkdirSync(at(name));
  for (const name of [
    'jobs/compile.mjs',
    'package.json',
    'package-lock.json',
    'src/plan.ts',
    'src/plan/a.rb',
  ])
    writeFileSync(at(name), 'one');
});
afterAll(() => {
  project.remove();
});

test('what was compiled serves until a source changes, and is then removed', async () => {
  const first = (await compiledPrograms(compile, project.path)) ?? '';
  expect(existsSync(join(first, 'plan.js'))).toBe(true);
  expect(await compiledPrograms(compile, project.path)).toBe(first);
  expect(made).toHaveLength(1);
  for (const name of ['jobs/compile.mjs', 'package-lock.json', 'src/plan.ts', 'src/plan/a.rb']) {
    writeFileSync(at(name), 'two');
    const next = (await compiledPrograms(compile, project.path)) ?? '';
    expect(existsSync(join(next, 'plan.js'))).toBe(true);
    expect(folders()).toHaveLength(1);
  }
  expect(made).toHaveLength(5);
});

test('where the compiler fails, nothing of it stays, and what serves is still there', async () => {
  const before = folders();
  writeFileSync(at('src/plan.ts'), 'three');
  const fails = (folder: string) => {
    mkdirSync(folder);
    mkdirSync(`${folder}.new`);
    return Promise.resolve(1);
  };
  expect(await compiledPrograms(fails, project.path)).toBeUndefined();
  expect(folders()).toEqual(before);
});

test('when another start was faster, its programs serve', async () => {
  const [before = ''] = folders();
  writeFileSync(at('src/plan.ts'), 'four');
  const theirs = (await compiledPrograms(compile, project.path)) ?? '';
  rmSync(theirs, { recursive: true });
  const slower = async (folder: string) => {
    await compile(theirs);
    return compile(folder);
  };
  expect(await compiledPrograms(slower, project.path)).toBe(theirs);
  expect(folders()).toEqual([basename(theirs)]);
  expect(folders()).not.toContain(before);
});
