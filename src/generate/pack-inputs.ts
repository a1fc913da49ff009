import { join, resolve } from 'node:path';
import { sha256 } from '../lib/hash.ts';
import type { Node } from '../nodes/node.ts';
import type { PuppetPackage } from '../nodes/puppet-package.ts';
import { packOf } from './pack.ts';
import {
  type PackData,
  type PackFileReader,
  type PackFinding,
  type PackPath,
  pathsOf,
  scriptsDigest,
} from './pack-files.ts';
import { type SourceQuery, sourceQueryOf } from './pack-query.ts';
import { type PackSettings, TemplateError, templatesFolder } from './pack-settings.ts';

/** What a node's pack adds to the node's digest. */
export interface PackInputs {
  /** Of the pack and the facts (SHA-256, hexadecimal), wherever packs and template lie and whatever Packer is here. */
  pack: string;
  /** Of the pack alone. */
  template: string;
  /** Of the files that the pack names. */
  scripts: string;
  /** Of what nodes.yaml asks for of the bake's Puppet; absent: nothing. */
  puppet?: string;
  source: SourceQuery;
  findings: PackFinding[];
}

/** In place of the way from the packs to the template's folder. */
const templates = '.folder-of-the-template';

/** In place of each value of `puppet` in nodes.yaml, which counts by itself. */
const asked = 'asked-for-in-nodes.yaml';

/** The node with the same `puppet` in form, and nothing of what it asks for. */
function withoutAsked(node: Node): Node {
  if (node.puppet === undefined) return node;
  const { package: name, version, source, askedAt } = node.puppet;
  const puppet = {
    ...(name === undefined ? {} : { package: asked }),
    ...(version === undefined ? {} : { version: asked }),
    ...(source === undefined
      ? {}
      : { source: { line: asked, ...(source.key === undefined ? {} : { key: asked }) } }),
    askedAt,
  };
  return { ...node, puppet };
}

/**
 * What decides the image of a node by way of its pack.
 * @throws TemplateError when the template gives no pack, or a file that the pack names is not there.
 */
export async function packInputs(
  node: Node,
  settings: Pick<PackSettings, 'template' | 'tag' | 'optional'>,
  reader: PackFileReader,
): Promise<PackInputs> {
  const [pack, older] = [true, false].map((imdsOptions) => {
    const made = packOf(withoutAsked(node), { ...settings, templates, imdsOptions });
    if ('problems' in made) throw new TemplateError(made.problems.join('\n'));
    return {
      pack: JSON.parse(made.pack.replaceAll(asked, '')) as PackData,
      facts: JSON.parse(made.facts) as unknown,
    };
  });
  if (pack === undefined || older === undefined) throw new Error('a pack for each kind of Packer');
  const { file } = settings.template;
  const { paths, findings } = pathsOf(node.name, pack.pack);
  const folder = resolve(templatesFolder(file));
  const [known, elsewhere] = [paths.filter(isKnown), paths.filter((path) => !isKnown(path))];
  const scripts = await scriptsDigest(known, reader, ({ path, inPacks }) =>
    inPacks ? join(folder, path.slice(templates.length)) : path,
  );
  if ('missing' in scripts) {
    const { path, inPacks } = scripts.missing;
    const name = inPacks ? join(templatesFolder(file), path.slice(templates.length)) : path;
    throw new TemplateError(`${file}: for node ${node.name} it names ${name}, which ${scripts.why}`);
  }
  const source = sourceQueryOf(pack.pack.builders[0]);
  const both = [pack, older].map((made) => [withoutComments(made.pack), made.facts]);
  return {
    pack: sha256(JSON.stringify(both.map(sorted))),
    template: sha256(JSON.stringify(both.map(([alone]) => sorted(alone)))),
    scripts: scripts.digest,
    ...(node.puppet === undefined ? {} : { puppet: puppetDigest(node.puppet) }),
    source,
    findings: [
      ...findings,
      ...elsewhere.map(({ path }): PackFinding => {
        return { kind: 'pack', what: `${path} lies in the folder of the packs, where anything may be` };
      }),
      ...('unknown' in source ? [{ kind: 'pack', what: source.unknown } as const] : []),
    ],
  };
}

function puppetDigest({ package: name, version, source }: PuppetPackage): string {
  return sha256(JSON.stringify([name, version, source?.line, source?.key]));
}

/** Whether plan knows where a path leads: it does not know the folder of the packs. */
function isKnown({ path, inPacks }: PackPath): boolean {
  return !inPacks || path.startsWith(`${templates}/`);
}

/** Packer takes keys at the top that begin with _ for comments. */
function withoutComments(pack: PackData): object {
  return Object.fromEntries(Object.entries(pack).filter(([key]) => !key.startsWith('_')));
}

/** The same data with its keys sorted; not lib's canonicalJson, which sorts 10 before 9: digests would change. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
