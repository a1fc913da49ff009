import { tag } from '../aws/tags.ts';
import type { StageMain } from '../cli/run-stage.ts';
import { chooseNodes, type NodeFlags } from '../plan/plan-file.ts';
import { generatePacks, type PackChange, packFolder } from './generate-packs.ts';
import { packFileReader } from './pack-files.ts';
import { packSettings } from './pack-settings.ts';
import { plannedPacks } from './planned-packs.ts';

interface GenerateFlags extends NodeFlags {
  template: string;
  out: string;
}

/** The stage generate: a pack for each chosen node. */
export const generate: StageMain<GenerateFlags> = async (flags, { say }) => {
  const { all, nodes, plan } = await chooseNodes(flags, say);
  if (nodes.length === 0) return packsResult([], flags.out);
  const settings = await packSettings(flags.template, flags.out, tag, say);
  const finish = plan && (await plannedPacks(plan, nodes, all, settings, packFileReader()));
  return packsResult(await generatePacks(nodes, all, settings, packFolder(flags.out), finish), flags.out);
};

/** A row for each pack that was compared. */
function packsResult(packs: readonly PackChange[], folder: string) {
  const rows = packs.map((pack) => [pack.node, `${folder}/${pack.file}`, pack.change]);
  return { exitCode: 0, json: { schema: 1, packs }, table: { head: ['node', 'pack', ''], rows } };
}
