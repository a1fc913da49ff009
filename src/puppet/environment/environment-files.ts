import { posix } from 'node:path';
import { parseDocument } from 'yaml';

/** The texts that say what Puppet reads in an environment; undefined: there is no such file. */
export interface EnvironmentTexts {
  /** environment.conf */
  conf?: string | undefined;
  /** hiera.yaml */
  hiera?: string | undefined;
}

/** Which files of a folder belong to the Puppet environment in it; paths as seen from the folder, with `/`. */
export interface EnvironmentFiles {
  /** Whether a file belongs. */
  has: (path: string) => boolean;
  /** Whether files in or below a folder may belong: no other folder needs to be read. */
  leadsTo: (folder: string) => boolean;
}

/** A place where Puppet reads. */
interface Part {
  path: string;
  /** `start`: all whose path begins so, since the rest is a pattern. `modules`: a folder of modules. */
  kind: 'file or folder' | 'start' | 'modules';
}

/**
 * Where Puppet searches without a setting: an environment's own functions and types, and the types that `puppet generate types`
 * made. (https://www.puppet.com/docs/puppet/7/environments_creating.html, and the `environment` loader in pops/loaders.rb)
 */
const fixed = [
  ...['environment.conf', 'hiera.yaml', '.resource_types', 'functions', 'types'],
  ...['lib/puppet', 'lib/puppet_x'],
];
/** In a module Puppet never reads these, nor what begins with a dot: tests, built packages, tools. */
const leftOutOfModules = new Set(['spec', 'pkg', 'node_modules']);

/**
 * Decides what belongs to an environment: what Puppet reads there, by its environment.conf and hiera.yaml. Whether git
 * ignores a file does not matter: a folder of modules that r10k fills is ignored by most, and Puppet reads it.
 * @param outputs files and folders that Bakehouse writes: they never belong
 */
export function environmentFiles(texts: EnvironmentTexts, outputs: readonly string[]): EnvironmentFiles {
  const parts = [
    ...fixed.map((path): Part => ({ path, kind: 'file or folder' })),
    ...partsOfConf(texts.conf ?? ''),
    ...(texts.hiera === undefined ? [] : partsOfHiera(texts.hiera)),
  ];
  const isOurs = (path: string) => outputs.some((output) => isWithin(path, output));
  return {
    has: (path) => !isOurs(path) && parts.some((part) => isIn(part, path, 2)),
    leadsTo: (folder) =>
      !isOurs(folder) &&
      parts.some((part) => folder === '' || part.path.startsWith(`${folder}/`) || isIn(part, folder, 0)),
  };
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** @param least how many names a path has at least that lies in a folder of modules: a file that lies in none is nobody's */
function isIn({ path: at, kind }: Part, path: string, least: number): boolean {
  if (kind === 'file or folder') return isWithin(path, at);
  const isOfTools = /^(?:\.|node_modules(?:\/|$))/.test(path);
  // Where the pattern is all that is known, everything else may be data.
  if (kind === 'start') return at === '' ? !isOfTools : path.startsWith(at);
  if (at !== '' && !isWithin(path, at)) return false;
  const names = path
    .slice(at === '' ? 0 : at.length + 1)
    .split('/')
    .filter(Boolean);
  const isLeftOut = (name = '') => name.startsWith('.') || leftOutOfModules.has(name);
  const [module = '', top] = names;
  // A module may be called `pkg`; at the repository's root such a folder is a tool's.
  const isNoModule = at === '' ? isLeftOut(module) : module.startsWith('.') || module === 'node_modules';
  return names.length >= least && !isNoModule && !isLeftOut(top);
}

function partsOfConf(conf: string): Part[] {
  // Sections have no meaning there; the first of two lines counts, as in Puppet's settings/environment_conf.rb.
  const setting = (name: string) => {
    const value = new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*(.*?)[ \\t]*$`, 'm').exec(conf)?.[1];
    return value?.replace(/^(['"])(.*)\1$/, '$2').replaceAll('\r', '');
  };
  const modulepath = (setting('modulepath') ?? 'modules').split(':');
  // The command runs in the bake, too, and a script calls others that lie beside it.
  const commands = (setting('config_version') ?? '').split(/\s+/).flatMap((word) => {
    const file = word.replace(/^['"]|['"]$/g, '');
    if (!/^[\w.]/.test(file)) return [];
    return partOf(posix.dirname(file) === '.' ? file : posix.dirname(file), /\$/, 'file or folder');
  });
  return [
    ...partOf(setting('manifest') ?? 'manifests', /\$/, 'file or folder'),
    ...modulepath.flatMap((path) => partOf(path, /[$*?[{]/, 'modules')),
    ...commands,
  ];
}

/** A path as a part: what follows a pattern may be anything; none: it lies outside. */
function partOf(text: string, pattern: RegExp, kind: Part['kind']): Part[] {
  const path = text.trim().replace(/^\$\{?environmentpath\}?\/\$\{?environment\}?(?=\/|$)/, '.');
  const at = path.search(pattern);
  if (path === '' || path.startsWith('/') || at === 0) return [];
  const literal = posix.normalize(at === -1 ? path : path.slice(0, at)).replace(/^\.(?:\/|$)/, '');
  if (literal === '..' || literal.startsWith('../')) return [];
  if (at !== -1) return [{ path: literal, kind: 'start' }];
  return literal === '' && kind !== 'modules'
    ? [{ path: '', kind: 'start' }]
    : [{ path: literal.replace(/\/$/, ''), kind }];
}

type Mapping = Record<string, unknown>;

/** The folders of data, paths that lead out of them, and whatever an option names: keys of eyaml, a backend's own files. */
function partsOfHiera(text: string): Part[] {
  const data = mapping(readYaml(text));
  const defaults = mapping(data.defaults);
  const levels = [data.hierarchy, data.default_hierarchy].flatMap((levels) =>
    Array.isArray(levels) ? levels.map(mapping) : [],
  );
  return [defaults, ...levels].flatMap((level) => {
    // Before version 5 the default stood at the top.
    const datadir = [level.datadir, defaults.datadir, data.datadir, 'data'].find(isText) ?? 'data';
    const mapped = texts(level.mapped_paths);
    const paths = [...[level.path, level.paths, level.glob, level.globs].flatMap(texts), ...mapped.slice(2)];
    const isRoot = ['', '.'].includes(posix.normalize(datadir));
    return [
      ...(isRoot ? [] : partOf(datadir, /%\{/, 'file or folder')),
      ...paths
        .filter((path) => isRoot || path.includes('..'))
        .flatMap((path) => {
          const rest = posix.isAbsolute(path) ? path : `./${datadir}/${path}`;
          return partOf(rest, /%\{|[*?[{]/, 'file or folder');
        }),
      ...deepTexts(level.options)
        .filter((option) => posix.normalize(option) !== '.')
        .flatMap((option) => partOf(option, /%\{/, 'file or folder'))
        .filter(({ path }) => path !== ''),
    ];
  });
}

/** What does not parse is Puppet's to refuse. */
function readYaml(text: string): unknown {
  const document = parseDocument(text, { logLevel: 'silent' });
  return document.errors.length > 0 ? undefined : document.toJS();
}

function mapping(value: unknown): Mapping {
  return typeof value === 'object' && value !== null ? (value as Mapping) : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter(isText);
}

function deepTexts(value: unknown): string[] {
  if (isText(value)) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(deepTexts) : [];
}
