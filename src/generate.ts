import { tag } from './images/tags.ts';
import { loadNodes, selectNodes } from './nodes/load-nodes.ts';
import { generatePacks } from './packer/generate-packs.ts';
import { packFolder } from './packer/pack-folder.ts';
import { packSettings } from './packer/pack-settings.ts';
import { generateCommand } from './stage/commands.ts';
import { exitCode } from './stage/exit.ts';
import { runStage } from './stage/run-stage.ts';

await runStage(generateCommand, async (flags, { say }) => {
  const all = await loadNodes(flags.nodes, [], say);
  const chosen = selectNodes(all, flags.node, flags.nodes);
  const settings = await packSettings(flags.template, flags.out, tag, say);
  const packs = await generatePacks(chosen, all, settings, packFolder(flags.out));
  const rows = packs.map((pack) => [pack.node, `${flags.out}/${pack.file}`, pack.change]);
  return { exitCode: exitCode.done, json: { schema: 1, packs }, table: { head: ['node', 'pack', ''], rows } };
});
