import { jsonText } from '../lib/json-file.ts';
import type { Node } from '../nodes/node.ts';
import type { PuppetPackage } from '../nodes/puppet-package.ts';
import type { PackSettings } from './pack-settings.ts';
import { placeOf, renderTemplate } from './render-template.ts';

/** A builder of a pack, as its JSON says. */
export type PackBuilder = Readonly<Record<string, unknown>>;

/** The texts of a pack and of the facts that go onto its machine. */
export interface PackFiles {
  pack: string;
  facts: string;
}

/** The files of a pack, or what is wrong with the template, as `file:line:column: …`. */
export type Pack = PackFiles | { problems: string[] };

/** The pack of one node and the facts that go onto its machine: always the same bytes for the same input. */
export function packOf(node: Node, settings: PackSettings): Pack {
  const { file, text } = settings.template;
  const render = (view: Record<string, unknown>) => renderTemplate(text, view, settings.optional);
  const rendered = render(viewOf(node, settings));
  if ('problems' in rendered) {
    return { problems: rendered.problems.map((p) => `${file}:${p.line}:${p.column}: ${p.message}`) };
  }
  const unasked = node.puppet && render({ ...viewOf(node, settings), puppet: null });
  // A template of the team's own, older than the key: the bake would install another Puppet than the one asked for.
  if (unasked !== undefined && 'text' in unasked && unasked.text === rendered.text) {
    return { problems: [`${file}: it does not use \`puppet\`, which node ${node.name} has`] };
  }
  const parsed = parseJson(rendered.text);
  if ('problem' in parsed) return { problems: [`${file}: for node ${node.name} ${parsed.problem}`] };
  const builders = isMapping(parsed.value) ? parsed.value.builders : undefined;
  if (!Array.isArray(builders) || builders.length !== 1 || !isMapping(builders[0])) {
    return {
      problems: [`${file}: for node ${node.name} it gives no \`builders\` list with exactly one builder`],
    };
  }
  if ('ami_name' in node.packer)
    return {
      problems: [
        `node ${node.name}: \`packer.ami_name\` cannot be laid over: by the name \`<node>-<unix seconds>\` an image is known as ours; take the key away, and name servers by tags`,
      ],
    };
  const builder = withVolumeGuard(withSpotTags(laidOver(builders[0], node.packer)));
  const pack = { ...(parsed.value as object), builders: [builder] };
  const facts = factsOf(node);
  return { pack: jsonText(pack), facts: jsonText(facts) };
}

/**
 * The external facts of a node's machines. Each is a variable at top scope, too, that a manifest cannot assign again:
 * what Bakehouse adds bears its own name.
 */
export function factsOf(node: Node): Record<string, unknown> {
  return { ...node.facts, bakehouse_node: node.name };
}

/** What the template may name: the node under nodes.yaml's own words, and what Bakehouse adds. */
function viewOf(node: Node, settings: PackSettings): Record<string, unknown> {
  const source = 'id' in node.sourceAmi ? { id: node.sourceAmi.id } : { id: null, ...node.sourceAmi };
  return {
    ...node.extra,
    name: node.name,
    group: node.groups,
    size: node.size,
    source_ami: { name: null, owner: null, ...source },
    puppet_server: node.puppetServer ?? null,
    puppet_environment: node.puppetEnvironment,
    puppet: node.puppet === undefined ? null : puppetView(node.puppet),
    remove_puppet: node.removePuppet,
    facts: node.facts,
    tag: settings.tag,
    templates: settings.templates,
    imds_options: settings.imdsOptions,
  };
}

/** All of them, so that a template may name each; empty: not asked for. */
function puppetView({ package: name = '', version = '', source }: PuppetPackage) {
  return { package: name, version, source: source?.line ?? '', source_key: source?.key ?? '' };
}

function parseJson(text: string): { value: unknown } | { problem: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    const { message } = error as Error;
    const position = /position (\d+)/.exec(message)?.[1];
    const { line, column } = placeOf(text, position === undefined ? text.length : Number(position));
    const shown = (text.split('\n')[line - 1] ?? '').trim().slice(0, 80);
    const what = message.replace(/ \(line \d+ column \d+\)$/, '');
    return {
      problem: `it gives bad JSON at line ${line}, column ${column} of the result (${what}): ${shown}`,
    };
  }
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A spot request bears the tags of its instance. Without one, Packer does not take `spot_tags`. */
function withSpotTags(builder: Record<string, unknown>): Record<string, unknown> {
  const { spot_price: price, spot_tags: own = {}, run_tags: tags } = builder;
  const spot = price !== undefined && price !== '' && price !== '0' && price !== 0;
  if (!spot || !isMapping(tags) || !isMapping(own)) return builder;
  return { ...builder, spot_tags: { ...tags, ...own } };
}

/** Mappings are laid over each other key by key; anything else is replaced; null takes a key away. */
function laidOver(base: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = isMapping(below) && isMapping(value) ? laidOver(below, value) : value;
  }
  return result;
}

/** Where a builder of Packer's amazon plugins maps volumes: for the bake's machine, and for servers of the image. */
const mappingKeys = ['launch_block_device_mappings', 'ami_block_device_mappings'] as const;

/** The builder, in which each volume goes with its machine unless its mapping says otherwise: Packer's default is to keep it. */
export function withVolumeGuard(builder: PackBuilder): Record<string, unknown> {
  const guarded = mappingKeys.flatMap((key) => {
    const mappings = builder[key];
    if (!Array.isArray(mappings)) return [];
    return [[key, mappings.map((one: unknown) => (isMapping(one) ? { ...guard, ...one } : one))] as const];
  });
  return { ...builder, ...Object.fromEntries(guarded) };
}

const guard = { delete_on_termination: true };

/**
 * The devices whose volumes a builder leaves behind on purpose on servers of its image: by a mapping that says
 * `delete_on_termination: false`.
 */
export function keptVolumes(builder: PackBuilder): string[] {
  const devices = mappingKeys.flatMap((key) => {
    const mappings = builder[key];
    if (!Array.isArray(mappings)) return [];
    return mappings.filter(isMapping).flatMap(({ device_name: device, delete_on_termination: goes }) =>
      // Packer takes the texts, too.
      typeof device === 'string' && (goes === false || goes === 'false') ? [device] : [],
    );
  });
  return [...new Set(devices)].sort();
}
