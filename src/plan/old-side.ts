import { access } from 'node:fs/promises';
import type { Checkout } from '../puppet/environment/checkout.ts';
import type { Side } from './side.ts';

/**
 * A side as a commit of the manifests' repository had it; what lies outside of the repository, or was not there yet, is
 * taken as it is now.
 */
export async function sideAt(side: Side, checkout: Pick<Checkout, 'at'>): Promise<Side> {
  const at = async (path: string) => {
    const old = checkout.at(path);
    return (await isThere(old)) ? old : path;
  };
  return {
    ...side,
    manifests: checkout.at(side.manifests),
    template: await at(side.template),
    facts: checkout.at(side.facts),
  };
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
