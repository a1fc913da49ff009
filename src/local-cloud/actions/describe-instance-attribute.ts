import { instanceAttributes, type InstanceAttribute } from '../answers/instance-attribute.ts';
import { read } from '../api/action.ts';
import { find } from '../api/resource-ids.ts';
import { oneOf, required, text } from '../api/shapes.ts';
import type { Cloud } from '../cloud.ts';

const names = Object.keys(instanceAttributes) as InstanceAttribute[];

export const describeInstanceAttribute = read(
  { InstanceId: required(text), Attribute: required(oneOf(...names)) },
  ({ InstanceId, Attribute }, { store: { state } }: Pick<Cloud, 'store'>) => {
    const instance = find(state.instances, 'instance', InstanceId);
    return { instanceId: instance.id, [Attribute]: instanceAttributes[Attribute](instance, state) };
  },
);
