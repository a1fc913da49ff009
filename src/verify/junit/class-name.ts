import type { ResourceOutcome } from '../verdict.ts';

/**
 * The class of a test case, whose dots Jenkins opens as packages: `redis.Redis.Config` for what class
 * `redis::config` of node redis contains. What stands in no class is Puppet's own, as is the run itself.
 */
export function className(node: string, outcome?: Pick<ResourceOutcome, 'containedIn'>): string {
  const containers = (outcome?.containedIn ?? []).filter((name) => name !== 'Stage[main]');
  return [node, ...(containers.length === 0 ? ['Puppet'] : containers.map(segment))].join('.');
}

/** A defined type keeps its title, in which a dot is no boundary: `Redis::Conf[a_conf]`. */
function segment(container: string): string {
  return container.includes('[') ? container.replaceAll('.', '_') : container.replaceAll('::', '.');
}
