import { posix } from 'node:path';

/** Files and folders of a repository, as seen from its folder; a folder's path ends in `/`. */
export type Paths = readonly string[];

/** A folder that Puppet's modules, tests or tools fill: an environment in it is none of the repository's own. */
const notOwn = /(^|\/)(modules|site|site-modules|spec|fixtures|acceptance|examples)\//;

/**
 * The folders that are Puppet environments, the likeliest first: an environment.conf says so, or manifests beside modules, a
 * site.pp, a Puppetfile or a hiera.yaml. A module has manifests, too, but with an init.pp or metadata.json.
 */
export function environmentsIn(paths: Paths): string[] {
  const known = new Set(paths);
  const folders = ['', ...paths.filter((path) => path.endsWith('/'))].filter((path) => !notOwn.test(path));
  const found = folders.filter((folder) => {
    const has = (name: string) => known.has(`${folder}${name}`);
    if (has('environment.conf')) return true;
    if (has('metadata.json') || has('manifests/init.pp')) return false;
    const modules = ['modules/', 'site-modules/', 'site/'].some(has);
    const manifests = paths.some((path) => path.startsWith(`${folder}manifests/`) && path.endsWith('.pp'));
    if (manifests) return modules || ['manifests/site.pp', 'Puppetfile', 'hiera.yaml'].some(has);
    return has('Puppetfile') && modules;
  });
  const outer = found.filter(
    (folder) => !found.some((other) => other !== folder && folder.startsWith(other)),
  );
  const depth = (path: string) => path.split('/').length;
  const rank = (path: string) => (path.endsWith('/production/') ? 0 : 1);
  outer.sort((a, b) => depth(a) - depth(b) || rank(a) - rank(b) || (a < b ? -1 : 1));
  return outer.map((folder) => (folder === '' ? '.' : folder.slice(0, -1)));
}

/** A kind of server that a Puppet environment knows, as a node to begin with. */
export interface NodeDraft {
  name: string;
  /** The class of its role, without `role::`. */
  role?: string;
}

/** The roles of an environment: the classes of a module `role` or `roles`. */
export function rolesIn(paths: Paths, environment: string): NodeDraft[] {
  const start = environment === '.' ? '' : `${environment}/`;
  const drafts = paths.flatMap((path) => {
    if (!path.startsWith(start)) return [];
    const inner = path.slice(start.length);
    const [, role] = /^(?:[\w-]+\/)?roles?\/manifests\/(.+)\.pp$/.exec(inner) ?? [];
    if (role === undefined || posix.basename(role) === 'init') return [];
    return [{ name: nodeNameOf(role), role: role.replaceAll('/', '::') }];
  });
  return named(drafts);
}

/**
 * The kinds of servers that the node definitions of a manifest name: of `'web01.example.com'` and `/^web/` it is `web`.
 * (https://www.puppet.com/docs/puppet/7/lang_node_definitions.html)
 */
export function nodesOfManifest(text: string): NodeDraft[] {
  const code = text.replace(/^\s*#.*$/gm, '');
  const definitions = [...code.matchAll(/^\s*node\s+([^{]+)\{/gm)].map(([, names = '']) => names);
  const names = definitions.flatMap((list) => {
    const texts = [...list.matchAll(/'([^']+)'|"([^"]+)"/g)].map(([, a, b]) => a ?? b ?? '');
    const patterns = [...list.matchAll(/\/\^?\(?\??:?([A-Za-z][A-Za-z0-9-]*)/g)].map(
      ([, start = '']) => start,
    );
    return [...texts, ...patterns];
  });
  return named(
    names.map((name) => ({ name: nodeNameOf((name.split('.')[0] ?? '').replace(/[-_]?\d+$/, '')) })),
  );
}

function nodeNameOf(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, ''); // prettier-ignore
}

/** Those that have a name that nodes.yaml takes, each name once. */
function named(drafts: readonly NodeDraft[]): NodeDraft[] {
  const fit = drafts.filter(({ name }) => /^[a-z0-9][a-z0-9-]{0,62}$/.test(name));
  return [...new Map(fit.map((draft) => [draft.name, draft])).values()];
}
