import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import semver from 'semver';
import { readTeamPackage } from '../../src/init/team-files.ts';
import { root, temporaryFolder } from '../cli/stage-process.ts';
import { gitIn, writeFile } from '../init/repository.ts';

/** What a checkout lacks in templates/earlier: files that have changed since the newest release (a tag `v1.2.3`) before it. */
async function missingEarlier(folder: string): Promise<string[]> {
  const { version, files, earlier } = await readTeamPackage(folder);
  const git = async (...args: string[]) => {
    const end = await execa('git', ['-C', folder, ...args], { encoding: 'buffer', reject: false, stripFinalNewline: false }); // prettier-ignore
    return end.failed ? undefined : Buffer.from(end.stdout).toString('latin1');
  };
  const tags = ((await git('tag', '--list', 'v*')) ?? '').split('\n').map((tag) => tag.slice(1));
  const [released] = tags.filter((tag) => semver.valid(tag) && semver.lt(tag, version)).sort(semver.rcompare);
  if (released === undefined) return [];
  const missing: string[] = [];
  for (const { path, text } of files) {
    const then = await git('show', `v${released}:${path}`);
    const kept = earlier.get(path)?.find((one) => one.version === released)?.text;
    if (then !== undefined && then !== text && then !== kept)
      missing.push(`templates/earlier/${released}/${path}`);
  }
  return missing;
}

test('templates/earlier has each file that changed since the newest release', async () => {
  expect(await missingEarlier(root)).toEqual([]);
});

test('templates/earlier has only versions before this one, and no file that is as it is now', async () => {
  const { version, files, earlier } = await readTeamPackage();
  for (const [path, versions] of earlier) {
    for (const { version: kept, text } of versions) {
      expect({ path, kept, isEarlier: semver.valid(kept) === kept && semver.lt(kept, version) }).toMatchObject({ isEarlier: true }); // prettier-ignore
      expect({ path, text }).not.toEqual({ path, text: files.find((file) => file.path === path)?.text });
    }
  }
});

describe('the check of templates/earlier', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => {
    folder.remove();
  });

  test('finds a change since a release that was not kept, and is content once it is', async () => {
    const write = (path: string, text: string) => {
      writeFile(folder.path, path, text);
    };
    write('package.json', '{"version": "0.1.0"}');
    for (const path of ['Jenkinsfile', 'nodes.yaml', 'templates/x.sh', 'jobs/y.sh']) write(path, 'old\n');
    await gitIn(folder.path, 'init', '-q');
    await gitIn(folder.path, 'add', '.');
    await gitIn(folder.path, 'commit', '-q', '-m', 'x');
    await gitIn(folder.path, 'tag', 'v0.1.0');
    write('jobs/y.sh', 'new\n');
    write('jobs/z.sh', 'added\n');
    expect(await missingEarlier(folder.path)).toEqual([]);
    write('package.json', '{"version": "0.2.0"}');
    expect(await missingEarlier(folder.path)).toEqual(['templates/earlier/0.1.0/jobs/y.sh']);
    write('templates/earlier/0.1.0/jobs/y.sh', 'other\n');
    expect(await missingEarlier(folder.path)).toEqual(['templates/earlier/0.1.0/jobs/y.sh']);
    write('templates/earlier/0.1.0/jobs/y.sh', readFileSync(join(folder.path, 'Jenkinsfile'), 'utf8'));
    expect(await missingEarlier(folder.path)).toEqual([]);
  });
});
