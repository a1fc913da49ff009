import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keptVolumes, withVolumeGuard } from '../../src/generate/volume-guard.ts';

const keys = ['launch_block_device_mappings', 'ami_block_device_mappings'] as const;
const mapping = fc.record(
  {
    device_name: fc.constantFrom('/dev/xvda', '/dev/sda1', '/dev/sdf'),
    volume_size: fc.nat(),
    delete_on_termination: fc.boolean(),
    no_device: fc.boolean(),
  },
  { requiredKeys: ['device_name'] },
);
const builder = fc.record(
  { [keys[0]]: fc.array(mapping), [keys[1]]: fc.array(mapping), instance_type: fc.string() },
  { requiredKeys: [] },
);

interface Mapping {
  device_name: string;
  delete_on_termination?: boolean;
}
const mappingsOf = (of: Record<string, unknown>) => keys.flatMap((key) => (of[key] ?? []) as Mapping[]);

describe('the volumes of a builder', () => {
  test('go with their machine exactly where nobody has said that they stay, and nothing else changes', () => {
    fc.assert(
      fc.property(builder, (given) => {
        const guarded = withVolumeGuard(given);
        const before = mappingsOf(given);
        const after = mappingsOf(guarded);
        expect(after).toEqual(before.map((one) => ({ delete_on_termination: true, ...one })));
        expect(Object.keys(guarded)).toEqual(Object.keys(given));
        const staying = before.filter((one) => one.delete_on_termination === false);
        expect(keptVolumes(guarded)).toEqual([...new Set(staying.map((one) => one.device_name))].sort());
      }),
    );
  });

  test('that stay are known also from texts, and what is no mapping keeps none', () => {
    const stays = { device_name: '/dev/sdf', delete_on_termination: 'false' };
    expect(keptVolumes({ launch_block_device_mappings: [stays, 'x', null] })).toEqual(['/dev/sdf']);
    expect(keptVolumes({ launch_block_device_mappings: stays })).toEqual([]);
    expect(withVolumeGuard({ launch_block_device_mappings: 'x' })).toEqual({
      launch_block_device_mappings: 'x',
    });
  });
});
