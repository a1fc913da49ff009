import { bakeGroup, type SiteNeeds } from './account-calls.ts';
import { tag } from '../aws/tags.ts';
import { ownOrPackaged } from '../cli/flags.ts';
import { sharedFlags } from '../cli/shared-flags.ts';
import type { Node } from '../nodes/node.ts';
import { packOf } from '../generate/pack.ts';
import type { PackData } from '../generate/pack-files.ts';
import { placeQueryOf } from '../generate/pack-query.ts';
import { optionalKeys, readTemplate, TemplateError } from '../generate/pack-settings.ts';

/** Nodes whose bakes are asked of the account together, and what these need. */
export interface BakeSite extends SiteNeeds {
  /** Where ssh listens on the machines that are baked there. */
  ports: number[];
  nodes: string[];
}

/** Where nodes are baked; and the nodes of which that is unknown, with the reason. */
export interface BakeSites {
  sites: BakeSite[];
  unknown: { node: string; why: string }[];
}

/** What the template that comes with Bakehouse asks for. */
const templateSite: BakeSite = {
  place: { groups: { filters: { 'group-name': bakeGroup } } },
  ...{ groups: [], types: [], ports: [22], nodes: [] },
};

/**
 * Where these nodes are baked, by their packs as generate renders them; without any node, as the template has it.
 * @throws TemplateError
 */
export async function bakeSites(nodes: readonly Node[]): Promise<BakeSites> {
  const file = ownOrPackaged(sharedFlags.template.default);
  const template = { file, text: await readTemplate(file) };
  const settings = {
    template,
    templates: 'templates',
    tag,
    imdsOptions: true,
    optional: optionalKeys(nodes),
  };
  const sites = new Map<string, BakeSite>();
  const unknown: BakeSites['unknown'] = [];
  for (const node of nodes) {
    const made = packOf(node, settings);
    if ('problems' in made) throw new TemplateError(made.problems.join('\n'));
    const place = placeQueryOf((JSON.parse(made.pack) as PackData).builders[0]);
    if ('unknown' in place) {
      unknown.push({ node: node.name, why: place.unknown });
      continue;
    }
    const { types, sshPort, ...query } = place;
    const key = JSON.stringify(query);
    const site = sites.get(key) ?? { place: query, groups: [], types: [], ports: [], nodes: [] };
    sites.set(key, {
      ...site,
      groups: [...new Set([...site.groups, ...node.groups])],
      types: [...new Set([...site.types, ...types, node.size])],
      ports: [...new Set([...site.ports, sshPort])],
      nodes: [...site.nodes, node.name],
    });
  }
  return { sites: nodes.length === 0 ? [templateSite] : [...sites.values()], unknown };
}
