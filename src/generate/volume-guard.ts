/** Where a builder of Packer's amazon plugins maps volumes: for the bake's machine, and for servers of the image. */
const mappingKeys = ['launch_block_device_mappings', 'ami_block_device_mappings'] as const;

/** A builder of a pack, as its JSON says. */
type Builder = Readonly<Record<string, unknown>>;

/** The builder, in which each volume goes with its machine unless its mapping says otherwise: Packer's default is that it stays. */
export function withVolumeGuard(builder: Builder): Record<string, unknown> {
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
export function keptVolumes(builder: Builder): string[] {
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

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
