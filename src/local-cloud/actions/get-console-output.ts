import { read } from '../api/action.ts';
import { find } from '../api/resource-ids.ts';
import { flag, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

/** EC2 keeps the last 64 KB. */
const keptBytes = 64 * 1024;

export const getConsoleOutput = read(
  { InstanceId: required(text), Latest: flag },
  async ({ InstanceId }, { store, machines, now }: Pick<Cloud, 'store' | 'machines' | 'now'>) => {
    const { id } = find(store.state.instances, 'instance', InstanceId);
    const output = Buffer.from(await machines.readConsole(id));
    return { instanceId: id, timestamp: now(), output: output.subarray(-keptBytes).toString('base64') };
  },
);
