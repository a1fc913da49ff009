import { volumesOf } from '../answers/instance.ts';
import { Fault, invalidValue, unsupported } from '../api/fault.ts';
import { find } from '../api/resource-ids.ts';
import { blob, flag, group, list, oneOf, rawText, required, text, type Decoded } from '../api/shapes.ts';
import type { Instance, State } from '../state/model.ts';
import { checkType } from './types.ts';

const simple = [
  'instanceType',
  'userData',
  'disableApiTermination',
  'instanceInitiatedShutdownBehavior',
] as const;

export const attributesShape = {
  InstanceId: required(text),
  /** The older form: an attribute's name and its value. */
  Attribute: oneOf(...simple),
  Value: rawText,
  GroupId: list(text),
  InstanceType: group({ Value: text }),
  UserData: group({ Value: blob }),
  EnaSupport: group({ Value: flag }),
  SriovNetSupport: group({ Value: oneOf('simple') }),
  EbsOptimized: group({ Value: flag }),
  SourceDestCheck: group({ Value: flag }),
  DisableApiTermination: group({ Value: flag }),
  InstanceInitiatedShutdownBehavior: group({ Value: oneOf('stop', 'terminate') }),
  BlockDeviceMapping: list(group({ DeviceName: required(text), Ebs: group({ DeleteOnTermination: flag }) })),
};

type Given = Decoded<typeof attributesShape>;
type Change = (instance: Instance, state: State) => void;

/** Checks a ModifyInstanceAttribute and returns its changes, none when it asks for none. */
export function readChanges(given: Given, instance: Instance, state: State): Change[] {
  const { Value } = given;
  const old = (name: (typeof simple)[number]) => (given.Attribute === name ? Value : undefined);
  const type = given.InstanceType?.Value ?? old('instanceType');
  const userData = given.UserData?.Value ?? blob(old('userData'), 'Value');
  const protect = given.DisableApiTermination?.Value ?? flag(old('disableApiTermination'), 'Value');
  const behavior =
    given.InstanceInitiatedShutdownBehavior?.Value ??
    oneOf('stop', 'terminate')(old('instanceInitiatedShutdownBehavior'), 'Value');
  const atRest: Change[] = [
    ...when(type, (value) => {
      checkType(value);
      return (target) => void (target.type = value);
    }),
    ...when(userData, (value) => (target) => void (target.userData = value)),
    ...when(given.EnaSupport?.Value, (value) => (target) => void (target.enaSupport = value)),
    ...when(given.SriovNetSupport?.Value, () => (target) => void (target.sriovNetSupport = true)),
    ...when(given.EbsOptimized?.Value, (value) => (target) => void (target.ebsOptimized = value)),
  ];
  if (atRest.length > 0 && instance.state !== 'stopped') {
    throw new Fault('IncorrectInstanceState', `The instance '${instance.id}' is not in the 'stopped' state.`);
  }
  if (given.SourceDestCheck?.Value === false)
    throw unsupported(`The local cloud does not route for its instances`);
  return [
    ...atRest,
    ...when(given.SourceDestCheck?.Value, () => () => undefined),
    ...when(protect, (value) => (target) => void (target.apiTerminationDisabled = value)),
    ...when(behavior, (value) => (target) => void (target.shutdownBehavior = value)),
    ...when(given.GroupId.length > 0 ? given.GroupId : undefined, (ids) => {
      for (const id of ids) find(state.groups, 'group', id);
      return (target) => void (target.groupIds = [...new Set(ids)]);
    }),
    ...given.BlockDeviceMapping.map((mapping) => keepVolume(mapping, instance, state)),
  ];
}

function when<T>(value: T | undefined, change: (value: T) => Change): Change[] {
  return value === undefined ? [] : [change(value)];
}

function keepVolume(
  { DeviceName, Ebs }: Given['BlockDeviceMapping'][number],
  instance: Instance,
  state: State,
): Change {
  const volume = volumesOf(instance, state).find(({ attachment }) => attachment?.device === DeviceName);
  if (volume === undefined) throw invalidValue(`Instance '${instance.id}' has no device '${DeviceName}'`);
  return (_, { volumes }) => {
    const attachment = volumes[volume.id]?.attachment;
    if (attachment !== undefined)
      attachment.deleteOnTermination = Ebs?.DeleteOnTermination ?? attachment.deleteOnTermination;
  };
}
