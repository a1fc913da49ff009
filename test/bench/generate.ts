import { join } from 'node:path';
import { rmSync, writeFileSync } from 'node:fs';
import { stage, temporaryFolder } from '../cli/stage-process.ts';
import { figures, timed } from './figures.ts';

/** generate over 1,000 nodes as a process: all packs new, and nothing changed; and how long a stage takes to start. */
export async function benchGenerate(): Promise<string[]> {
  const folder = temporaryFolder();
  const nodes = join(folder.path, 'nodes.yaml');
  const packs = join(folder.path, 'packs');
  writeFileSync(nodes, Array.from({ length: 1000 }, (_, n) => `node-${n}:\n  group: g\n`).join(''));
  const generate = async () => {
    const end = await stage('generate', ['--nodes', nodes, '--out', packs]);
    if (end.exitCode !== 0) throw new Error(end.stderr);
  };
  const [fresh, unchanged, help]: number[][] = [[], [], []];
  for (let run = 0; run < 5; run += 1) {
    rmSync(packs, { recursive: true, force: true });
    fresh?.push(await timed(generate));
    unchanged?.push(await timed(generate));
    help?.push(await timed(() => stage('generate', ['--help'])));
  }
  folder.remove();
  return [
    `generate, 1,000 nodes, all new:       ${figures(fresh ?? [])}`,
    `generate, 1,000 nodes, nothing new:   ${figures(unchanged ?? [])}`,
    `generate --help:                      ${figures(help ?? [])}`,
  ];
}
