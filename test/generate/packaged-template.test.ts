import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { packagedPath } from '../../src/cli/flags.ts';
import { generate } from '../../src/generate/generate.ts';
import { generateCommand } from '../../src/generate.ts';
import { stageHere } from '../cli/stage-here.ts';
import { temporaryFolder } from '../cli/stage-process.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  writeFileSync(join(folder.path, 'nodes.yaml'), 'redis: {group: g}\n');
});
afterEach(() => {
  folder.remove();
});

/** The folder of the scripts that the pack of redis names, once generate has run. */
async function scriptsOfPack(...args: string[]): Promise<string> {
  const end = await stageHere(generateCommand.flags, generate, args, folder.path);
  expect(end).toMatchObject({ exitCode: 0 });
  const pack = readFileSync(join(folder.path, 'packs/redis.json'), 'utf8');
  const [, scripts = ''] = /\{\{template_dir\}\}\/([^"]*)\/seal\.sh"/.exec(pack) ?? [];
  return resolve(folder.path, 'packs', scripts);
}

test("generate takes the package's template and scripts where the working folder has none", async () => {
  expect(await scriptsOfPack()).toBe(packagedPath('templates/provision'));
});

test("generate takes a team's own scripts also with the package's template", async () => {
  mkdirSync(join(folder.path, 'templates'));
  cpSync(packagedPath('templates/provision'), join(folder.path, 'templates/provision'), { recursive: true });
  expect(await scriptsOfPack()).toBe(join(folder.path, 'templates/provision'));
});

test("generate takes a team's own template before the package's, with the scripts beside it", async () => {
  mkdirSync(join(folder.path, 'templates'));
  const text = readFileSync(packagedPath('templates/packer.json.mustache'), 'utf8');
  writeFileSync(join(folder.path, 'templates/packer.json.mustache'), text.replace('seal.sh', 'own/seal.sh'));
  expect(await scriptsOfPack()).toBe(join(folder.path, 'templates/provision/own'));
});

test('generate refuses a template that --template names and that is not there', async () => {
  const args = ['--template', 'templates/packer.json.mustache'];
  const end = await stageHere(generateCommand.flags, generate, args, folder.path);
  expect(end).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('cannot be read') });
});
