import { canonicalJson } from '../../lib/hash.ts';
import { redactor } from '../report/secrets.ts';
import { type Catalog, type Json, nameOf, placeOf } from './catalog.ts';
import type { Finding } from './compilation.ts';

/** A finding is printed, and an address may hold a password. */
const shown = redactor([]);

/** What one parameter of a resource names; of several Puppet takes the first that exists. */
export interface NamedFiles {
  /** `File[/var/www/html/index.html]` */
  resource: string;
  anyOf: FileReference[];
  /** Where the manifests declare the resource. */
  file?: string;
  line?: number;
}

/** The files that a catalog names, and what of them cannot be looked at from here. */
export interface FileReferences {
  named: NamedFiles[];
  findings: Finding[];
}

/**
 * Which files a catalog names: every text anywhere in its parameters that is an address of Puppet's file server, the
 * sources of Files, and whatever else speaks of the environment's folder by its path in a bake. The last, and addresses
 * that no File may ever take, count towards too much, never too little.
 * @param environment `production`
 */
export function fileReferences(catalog: Catalog, environment: string): FileReferences {
  const named: NamedFiles[] = [];
  const findings = new Map<string, Finding>();
  for (const resource of catalog.resources) {
    for (const [parameter, value] of Object.entries(resource.parameters)) {
      const anyOf: FileReference[] = [];
      const isSource = resource.type === 'File' && parameter === 'source';
      const isChecked = isSource && typeof resource.parameters.checksum_value === 'string';
      for (const text of textsIn(value)) {
        const address = isSource ? sourceAddress(text, environment) : undefined;
        const found = address ?? (isPuppetAddress(text) ? puppetAddress(text) : undefined);
        if (found === undefined) {
          if (!isSource) anyOf.push(...environmentPathsIn(text, environment));
        } else if (found.in !== 'elsewhere') anyOf.push(found);
        else if (found.kind !== 'url' || !isChecked) {
          const what = `${nameOf(resource)} takes ${shown(text)}, which ${found.why}`;
          findings.set(what, { kind: found.kind, what, ...placeOf(resource) });
        }
      }
      if (isSource && hidesText(value)) {
        const what = `${nameOf(resource)} has a source that is sensitive: what it names cannot be seen`;
        findings.set(what, { kind: 'file-mount', what, ...placeOf(resource) });
      }
      if (anyOf.length > 0) named.push({ resource: nameOf(resource), anyOf, ...placeOf(resource) });
    }
  }
  return { named, findings: [...findings.values()] };
}

/** The address or path as a person writes it: `puppet:///modules/web/index.html`. */
export function referenceText(reference: FileReference): string {
  if (reference.in === 'environment')
    return 'path' in reference ? reference.path || '.' : `${reference.pathBegins}*`;
  return `puppet:///modules/${reference.module}${reference.path === '' ? '' : `/${reference.path}`}`;
}

/** All texts of a value, keys of hashes too. */
function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return Object.entries(value).flatMap(([key, inner]) => [key, ...textsIn(inner)]);
}

function hidesText(value: Json): boolean {
  return canonicalJson(value).includes('"__sensitive":');
}

/** A file of the environment, or files: a folder stands for all below it. */
export type FileReference =
  /** `puppet:///modules/web/index.html`; an empty path is the module's whole files/ folder. */
  | { in: 'module'; module: string; path: string }
  /** A path in the environment's own folder, empty for all of it. */
  | { in: 'environment'; path: string }
  /** All files there whose path begins so: of a text in which nobody can tell where a path ends. */
  | { in: 'environment'; pathBegins: string };

/** What the address of a file stands for; undefined: nothing that is kept outside the machine itself. */
export type Address =
  | FileReference
  /** Puppet would bring it from a place that is not in the environment's folder. */
  | { in: 'elsewhere'; kind: 'file-mount' | 'url'; why: string }
  | undefined;

/** Where environments lie in a bake. */
const environments = '/var/lib/bakehouse-bake/environments';

/** RFC 3986, as Puppet::Util.uri_encode takes an address apart. */
const uri = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(?:#([^]*))?$/i;

/** Whether a text is an address of Puppet's file server, in any spelling that it takes: `puppet:/modules/a/b` too. */
function isPuppetAddress(text: string): boolean {
  return /^puppet:\//i.test(text);
}

/**
 * What an address of Puppet's file server names. As Puppet (file_serving/configuration.rb, indirector/request.rb) reads
 * it: what follows a `?` is dropped, a `#` is part of the path, `%20` is no space but these three characters, several
 * slashes are one, one at the end is none; `.` is a folder's own name to the operating system.
 */
function puppetAddress(text: string): Address {
  const [, , host = '', path = '', query, fragment] = uri.exec(withoutSlashes(text)) ?? [];
  const key = withFragment(path, query, fragment).replace(/^\//, '');
  const elsewhere = (why: string) => ({ in: 'elsewhere', kind: 'file-mount', why }) as const;
  if (host.replace(/:\d*$/, '') !== '') return elsewhere(`is on the server ${host}`);
  const slash = key.indexOf('/');
  const mount = slash === -1 ? key : key.slice(0, slash);
  const below = slash === -1 ? '' : key.slice(slash + 1);
  if (mount !== 'modules')
    return elsewhere(`is on the mount '${mount}', of which only the file server knows`);
  if (below.split('/').includes('..')) return elsewhere("has '..' in its path, which Puppet refuses");
  const [module = '', ...rest] = below.replace(/\/+/g, '/').split('/');
  if (module === '') return elsewhere('names no module');
  return { in: 'module', module, path: rest.filter((part) => part !== '' && part !== '.').join('/') };
}

/** What one `source` of a File names: Puppet's file server, a URL, or a file of the machine that has the catalog. */
function sourceAddress(text: string, environment: string): Address {
  if (isPuppetAddress(text)) return puppetAddress(text);
  if (/^https?:/i.test(text)) {
    return {
      in: 'elsewhere',
      kind: 'url',
      why: 'may bring other bytes at any time: give it a checksum_value',
    };
  }
  const [, , , path = '', query, fragment] = /^file:/i.test(text) ? (uri.exec(text) ?? []) : [];
  const local = tidied(text.startsWith('/') ? text : withFragment(path, query, fragment));
  const folder = `${environments}/${environment}`;
  if (local !== folder && !local.startsWith(`${folder}/`)) return undefined;
  return { in: 'environment', path: local.slice(folder.length + 1) };
}

/** Where a text that is no File's source (a command, a package's source) speaks of the environment's folder. */
function environmentPathsIn(text: string, environment: string): FileReference[] {
  if (!text.includes(environments)) return [];
  const folder = `${environments}/${environment}`;
  return text
    .split(folder)
    .slice(1)
    .filter((rest) => !/^\w/.test(rest))
    .map((rest) => /^\/[^\s"'`;|&<>(){}$*?\\,:]*/.exec(rest)?.[0] ?? '')
    .map((path) => ({ in: 'environment', pathBegins: tidied(path).slice(1) }));
}

/** As File#source is stored (type/file/source.rb, normalize). */
function withoutSlashes(text: string): string {
  return text.replace(/\/+$/, '');
}

/** An address keeps no fragment: its `#` is escaped, which makes it part of what stands before it. */
function withFragment(path: string, query?: string, fragment?: string): string {
  return fragment === undefined || query !== undefined ? path : `${path}#${fragment}`;
}

/** The same place without `//`, `.` and `..`. */
function tidied(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
