import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root, stage, temporaryFolder } from '../cli/stage-process.ts';
import { gitIn } from './repository.ts';

test("a team's repository is planned and has packs right after init, each as a process", async () => {
  const folder = temporaryFolder();
  try {
    cpSync(join(root, 'test/init/team'), folder.path, { recursive: true });
    await gitIn(folder.path, 'init', '-q');
    const run = (name: string, ...args: string[]) => stage(name, [...args, '--json'], { cwd: folder.path });
    expect(await run('init', '--yes')).toMatchObject({ exitCode: 0 });
    const plan = await run('plan', '--offline', '--manifests', 'puppet', '--cache', join(folder.path, 'cache'));
    expect(plan).toMatchObject({ exitCode: 0 });
    const { nodes } = JSON.parse(plan.stdout) as { nodes: { node: string; digest: string }[] };
    expect(nodes).toMatchObject([
      { node: 'app-server', digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { node: 'web', digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(await run('generate')).toMatchObject({ exitCode: 0 });
    expect(readdirSync(join(folder.path, 'packs'))).toContain('web.json');
    expect(await run('init', '--check')).toMatchObject({ exitCode: 0 });
    expect(await run('upgrade', '--apply')).toMatchObject({ exitCode: 0 });
  } finally {
    folder.remove();
  }
}); // prettier-ignore
