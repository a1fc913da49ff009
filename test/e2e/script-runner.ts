import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { root } from '../cli/stage-process.ts';

/** The folder of the provisioning scripts. */
export const scripts = join(root, 'templates/provision');

/**
 * What runs a script over a tree with these files besides, the provisioning scripts among them; executable where they
 * begin with #!.
 * @param folder for what the scripts change
 */
export function scriptRunner(folder: string) {
  let count = 0;
  return async (tree: string, files: Record<string, string>, script: string) => {
    const at = join(folder, String((count += 1)));
    const layer = join(at, 'files');
    mkdirSync(join(at, 'work'), { recursive: true });
    cpSync(scripts, join(layer, 'provision'), { recursive: true });
    for (const [path, text] of Object.entries({ ...files, '/script.sh': script })) {
      mkdirSync(dirname(join(layer, path)), { recursive: true });
      writeFileSync(join(layer, path), text);
      chmodSync(join(layer, path), text.startsWith('#!') ? 0o755 : 0o644);
    }
    const namespaces = ['--mount', '--pid', '--fork', '--kill-child'];
    const args = [...namespaces, 'sh', join(root, 'test/e2e/provision.sh'), tree, join(at, 'work'), layer];
    return execa('unshare', args, { reject: false, stdin: 'ignore', timeout: 180_000 });
  };
}
