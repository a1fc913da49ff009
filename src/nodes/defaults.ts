/** The keys whose mappings are laid over the defaults' key by key. */
const laidOver = ['facts', 'packer', 'promote', 'puppet'];

/**
 * A node's values over the file's defaults: the node's own win. Of `packer`, `puppet`, `promote` and `facts` each key does so by itself, one
 * level deep; one that the node sets to `null` is taken away.
 */
export function laidOverDefaults(
  defaults: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const both = laidOver.flatMap((key) => {
    const [below, above] = [defaults[key], own[key]];
    return isMapping(below) && isMapping(above) ? [[key, keyByKey(key, below, above)] as const] : [];
  });
  return { ...defaults, ...own, ...Object.fromEntries(both) };
}

/** Values with the facts of files laid over their `facts`: below those of whatever is laid over the values. */
export function withFactsBelow(
  values: Readonly<Record<string, unknown>>,
  facts: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.keys(facts).length === 0 ? values : laidOverDefaults(values, { facts });
}

function keyByKey(of: string, below: Record<string, unknown>, above: Record<string, unknown>) {
  // Of `packer` the null stays: it takes the key out of the template's builder, too.
  const isTaken = (key: string) => of === 'facts' && above[key] === null && Object.hasOwn(below, key);
  return Object.fromEntries(Object.entries({ ...below, ...above }).filter(([key]) => !isTaken(key)));
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
