import { redactor } from '../report/secrets.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Catalog, CatalogResource, Json } from './catalog.ts';
import type { Finding } from './compilation.ts';
import {
  environmentPathsIn,
  type FileReference,
  isPuppetAddress,
  puppetAddress,
  sourceAddress,
} from './source-address.ts';

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

function nameOf({ type, title }: CatalogResource): string {
  return `${type}[${title}]`;
}

function placeOf({ file, line }: CatalogResource): { file?: string; line?: number } {
  return { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
}
