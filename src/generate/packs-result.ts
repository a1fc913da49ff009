import type { PackChange } from './generate-packs.ts';

/** The result of generate as it shows it: a row for each pack that was looked at. */
export function packsResult(packs: readonly PackChange[], folder: string) {
  const rows = packs.map((pack) => [pack.node, `${folder}/${pack.file}`, pack.change]);
  return { exitCode: 0, json: { schema: 1, packs }, table: { head: ['node', 'pack', ''], rows } };
}
