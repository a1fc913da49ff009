import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Node } from '../nodes/node.ts';

/** Files that a bake needs are not there; the message has a line for each. */
export class InputError extends Error {
  readonly exitCode = 2;
}

/**
 * Checks that each node has its pack, the nodes without a Puppet server the environment to apply, and the others a
 * secret that can be sent, if any.
 * @throws InputError that names all that is missing.
 */
export async function checkInputs(
  nodes: Node[],
  packs: string,
  manifests: string,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const missing: string[] = [];
  for (const { name } of nodes) {
    const file = join(packs, `${name}.json`);
    if (!(await stat(file).catch(() => undefined))?.isFile())
      missing.push(`${file} is missing: run generate first`);
  }
  const masterless = nodes.some((node) => node.puppetServer === undefined);
  if (masterless && !(await stat(manifests).catch(() => undefined))?.isDirectory()) {
    missing.push(`${manifests}: there is no such folder: name the Puppet environment with --manifests DIR`);
  }
  // The secret itself is never told.
  const secret = environment.BAKEHOUSE_AUTOSIGN_SECRET ?? '';
  const askServer = nodes.some((node) => node.puppetServer !== undefined);
  if (secret !== '' && askServer && !/^[A-Za-z0-9._~+/=-]{16,256}$/.test(secret)) {
    missing.push(
      'BAKEHOUSE_AUTOSIGN_SECRET is not 16 to 256 of A-Z, a-z, 0-9 and . _ ~ + / = -: make another',
    );
  }
  if (missing.length > 0) throw new InputError(missing.join('\n'));
}
