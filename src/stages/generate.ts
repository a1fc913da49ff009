import { tag } from '../images/tags.ts';
import { generatePacks } from '../packer/generate-packs.ts';
import { packFileReader } from '../packer/pack-files.ts';
import { packFolder } from '../packer/pack-folder.ts';
import { packSettings } from '../packer/pack-settings.ts';
import { packsResult } from '../packer/packs-result.ts';
import { chooseNodes } from '../plan/planned-nodes.ts';
import { plannedPacks } from '../plan/planned-packs.ts';
import type { generateCommand } from '../stage/commands.ts';
import type { StageMain } from '../stage/run-stage.ts';

export const generate: StageMain<typeof generateCommand> = async (flags, { say }) => {
  const { all, nodes, plan } = await chooseNodes(flags, say);
  if (nodes.length === 0) return packsResult([], flags.out);
  const settings = await packSettings(flags.template, flags.out, tag, say);
  const finish = plan && (await plannedPacks(plan, nodes, all, settings, packFileReader()));
  return packsResult(await generatePacks(nodes, all, settings, packFolder(flags.out), finish), flags.out);
};
