import { chmodSync, existsSync, lstatSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { TeamPackage } from '../../src/init/team-files.ts';
import { type FileUpgrade, upgradeRepository } from '../../src/upgrade/upgrade.ts';
import { temporaryFolder } from '../cli/stage-process.ts';
import { filesOf, initIn, madeUpPackage, writeFile } from '../init/repository.ts';

const script = 'templates/provision/seal.sh';
const template = 'templates/packer.json.mustache';
const old = '#!/bin/sh\nset -eu\none\ntwo\nthree\nfour\nfive\n';
const present = old.replace('five', 'FIVE');

let folder: ReturnType<typeof temporaryFolder>;
let made: ReturnType<typeof temporaryFolder>;
let team: TeamPackage;
/** A repository that init made with version 0.1.0, whose package is now 0.3.0. */
beforeEach(async () => {
  folder = temporaryFolder();
  made = temporaryFolder();
  team = await madeUpPackage(made.path, {
    [script]: { '0.1.0': old, '0.3.0': present },
    [template]: { '0.2.0': '{"old": 1}\n', '0.3.0': '{"new": 1}\n' },
    'jobs/gone.sh': { '0.2.0': 'exit 0\n' },
  });
  const then = team.files.map((file) => ({ ...file, text: team.earlier.get(file.path)?.[0]?.text ?? file.text })); // prettier-ignore
  await initIn(folder.path, { yes: true }, { team: { ...team, version: '0.1.0', files: then } });
});
afterEach(() => {
  folder.remove();
  made.remove();
});

const at = (path: string) => join(folder.path, path);
const read = (path: string) => readFileSync(at(path), 'latin1');
const edit = (path: string, from: string, to: string) => {
  writeFile(folder.path, path, Buffer.from(read(path).replace(from, to), 'latin1'));
};
async function upgrade(apply: boolean) {
  const signal = new AbortController().signal;
  const result = await upgradeRepository(apply, { root: folder.path, team, signal });
  const { files } = result.json as { files: FileUpgrade[] };
  const found = (file: string) => files.find((one) => one.file === file);
  return { ...result, text: result.closing?.join('\n') ?? '', found };
}

test('without --apply it shows what the package changed and writes nothing', async () => {
  const before = filesOf(folder.path);
  const result = await upgrade(false);
  expect(result.exitCode).toBe(0);
  expect(result.found(script)).toMatchObject({ decision: 'new', from: '0.1.0' });
  expect(result.found('jobs/seed.groovy')).toMatchObject({ decision: 'unchanged', from: '0.1.0' });
  expect(result.text).toContain(`--- ${script} 0.1.0`);
  expect(result.text).toMatch(/^-five\n\+FIVE$/m);
  expect(result.text).toContain('Nothing was written');
  expect(filesOf(folder.path)).toEqual(before);
});

test('of files that the team has not edited --apply makes those of the new package, and once is enough', async () => {
  expect(await upgrade(true)).toMatchObject({ exitCode: 0 });
  expect(read(script)).toBe(present.replace('sh\n', `sh\n# bakehouse 0.3.0 ${script}\n`));
  expect(read(template)).toBe(`<%! bakehouse 0.3.0 ${template} %>\n{"new": 1}\n`);
  const once = filesOf(folder.path);
  const again = await upgrade(true);
  expect(again.text).toContain('Nothing to upgrade');
  expect(filesOf(folder.path)).toEqual(once);
  expect(await initIn(folder.path, { check: true }, { team })).toMatchObject({ exitCode: 0 });
});

test('edits, modes, line ends, and bytes of another encoding stay', async () => {
  edit(script, 'one', 'Gr\u00fc\u00dfe');
  writeFile(folder.path, script, Buffer.from(read(script).replaceAll('\n', '\r\n'), 'latin1'));
  chmodSync(at(script), 0o700);
  edit(template, '\n', '\n<%! mine %>\n');
  edit('jobs/seed.groovy', '\n', '\n// mine\n');
  const unchanged = read('jobs/seed.groovy');
  const result = await upgrade(true);
  expect(result.found(script)).toMatchObject({ decision: 'merged' });
  expect(read(script)).toBe(`#!/bin/sh\r\n# bakehouse 0.3.0 ${script}\r\nset -eu\r\nGr\u00fc\u00dfe\r\ntwo\r\nthree\r\nfour\r\nFIVE\r\n`); // prettier-ignore
  expect(statSync(at(script)).mode & 0o777).toBe(0o700);
  expect(read('jobs/seed.groovy')).toBe(unchanged);
});

test('conflicts stay marked, are named by file and line, and end with exit code 3; the others are written', async () => {
  edit(script, 'five', 'fünf');
  expect(await upgrade(false)).toMatchObject({ exitCode: 0 });
  const result = await upgrade(true);
  expect(result.exitCode).toBe(3);
  expect(result.found(script)).toMatchObject({
    decision: 'conflict',
    conflicts: [8],
    reason: expect.stringContaining(`${script}:8`),
  });
  expect(read(script).split('\n')[7]).toBe(`<<<<<<< ${script} (yours)`);
  expect(read(script)).toContain('>>>>>>> bakehouse 0.3.0\n');
  expect(read(template)).toContain('"new"');

  const marked = filesOf(folder.path);
  const refused = await upgrade(true);
  expect(refused).toMatchObject({ exitCode: 3 });
  expect(refused.found(script)).toMatchObject({ decision: 'refused' });
  expect(filesOf(folder.path)).toEqual(marked);

  writeFile(folder.path, script, read(script).replace(/<{7}[^]*>{7}.*\n/, 'both\n'));
  expect((await upgrade(true)).found(script)).toMatchObject({ decision: 'unchanged', from: '0.3.0' });
});

test('a Jenkinsfile that lies beside the team’s own is upgraded there; what the package no longer has is named', async () => {
  const jenkinsfile = team.files.find(({ path }) => path === 'Jenkinsfile');
  writeFile(folder.path, 'Jenkinsfile.bakehouse', read('Jenkinsfile'));
  writeFile(folder.path, 'Jenkinsfile', 'pipeline {}\n');
  writeFile(folder.path, 'jobs/gone.sh', '# bakehouse 0.1.0 jobs/gone.sh\nexit 0\n');
  team.earlier.set('Jenkinsfile', [{ version: '0.2.0', text: jenkinsfile?.text ?? '' }]);
  team.files = team.files.map((file) => file.path === 'Jenkinsfile' ? { ...file, text: `${file.text}// new\n` } : file); // prettier-ignore
  const result = await upgrade(true);
  expect(result).toMatchObject({ exitCode: 0 });
  expect(read('Jenkinsfile')).toBe('pipeline {}\n');
  expect(read('Jenkinsfile.bakehouse')).toMatch(/^\/\/ bakehouse 0\.3\.0 Jenkinsfile\n[^]*\/\/ new\n$/);
  expect(result.found('jobs/gone.sh')).toMatchObject({ decision: 'gone' });
  expect(existsSync(at('jobs/gone.sh'))).toBe(true);
});

test('a file that is a link is upgraded where it leads within the repository, and refused where it leads out of it', async () => {
  writeFile(folder.path, 'shared/seal.sh', Buffer.from(read(script), 'latin1'));
  writeFile(made.path, 'outside', Buffer.from(read(template), 'latin1'));
  rmSync(at(script));
  rmSync(at(template));
  symlinkSync('../../shared/seal.sh', at(script));
  symlinkSync(join(made.path, 'outside'), at(template));
  const result = await upgrade(true);
  expect(result).toMatchObject({ exitCode: 3 });
  expect(read('shared/seal.sh')).toContain('FIVE');
  expect(lstatSync(at(script)).isSymbolicLink()).toBe(true);
  expect(result.found(template)).toMatchObject({ decision: 'refused', reason: expect.stringContaining('outside of this folder') });
  expect(read(template)).toContain('"old"');
}); // prettier-ignore
