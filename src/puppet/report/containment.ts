/**
 * Where resources stand that come without a containment path, as in formats 3 and earlier: what they logged bears it
 * as its source, `/Stage[main]/Redis/File[/etc/redis.conf]/ensure`.
 */
export function pathsInLogs(sources: readonly string[], resources: readonly string[]): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  const names = new Set(resources);
  if (names.size === 0) return paths;
  for (const source of new Set(sources)) {
    const name = ownerOf(source, names);
    if (name === undefined || !source.startsWith('/')) continue;
    const above = source.slice(1, source.lastIndexOf(`/${name}`));
    // A title may hold slashes, but only between brackets.
    paths.set(name, [...(above.match(/[^/[]+(?:\[[^\]]*\])?/g) ?? []), name]);
  }
  return paths;
}

/** By Puppet's autoloader the manifest `modules/redis/manifests/config.pp` holds class `redis::config`. */
export function pathByFile(resource: string, file: string | null | undefined): string[] {
  if (file == null || file === '') return [resource];
  const [, module, below] = /\/([a-z]\w*)\/manifests\/((?:\w+\/)*\w+)\.pp$/.exec(file) ?? [];
  const names = [module ?? '', ...(below === 'init' ? [] : (below ?? '').split('/'))];
  const name = names.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('::');
  return ['Stage[main]', module === undefined || !file.includes('/modules/') ? 'Main' : name, resource];
}

/**
 * The resource that a source of log lines speaks of: itself, its path, or a property below that. Among several that
 * fit, the longest name: a title may look like a path.
 */
export function ownerOf(source: string, resources: { has: (name: string) => boolean }): string | undefined {
  const below = source.lastIndexOf('/');
  for (const path of [source, ...(source.endsWith(']') || below <= 0 ? [] : [source.slice(0, below)])]) {
    if (resources.has(path)) return path;
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      const name = path.slice(at + 1);
      if (resources.has(name)) return name;
    }
  }
  return undefined;
}
