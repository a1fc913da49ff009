import { tag } from '../aws/tags.ts';
import { generatePacks } from './generate-packs.ts';
import { packFileReader } from './pack-files.ts';
import { packFolder } from './pack-folder.ts';
import { packSettings } from './pack-settings.ts';
import { packsResult } from './packs-result.ts';
import { chooseNodes } from '../plan/planned-nodes.ts';
import { plannedPacks } from './planned-packs.ts';
import type { generateCommand } from '../cli/commands.ts';
import type { StageMain } from '../cli/run-stage.ts';

export const generate: StageMain<typeof generateCommand> = async (flags, { say }) => {
  const { all, nodes, plan } = await chooseNodes(flags, say);
  if (nodes.length === 0) return packsResult([], flags.out);
  const settings = await packSettings(flags.template, flags.out, tag, say);
  const finish = plan && (await plannedPacks(plan, nodes, all, settings, packFileReader()));
  return packsResult(await generatePacks(nodes, all, settings, packFolder(flags.out), finish), flags.out);
};
