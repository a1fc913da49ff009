import { Fault, unsupported } from '../api/fault.ts';
import type { State } from '../state/model.ts';
import type { Parameter } from '../state/parameter.ts';
import { validationException } from './names.ts';

/** SSM keeps this many versions, the one in force with them. */
const kept = 100;
/** Characters that a parameter of the standard tier can hold. */
const longest = 4096;

interface Given {
  readonly Name: string;
  readonly Value: string;
  readonly Type: 'String' | 'StringList' | 'SecureString' | undefined;
  readonly DataType: 'text' | 'aws:ec2:image' | undefined;
  readonly Description: string | undefined;
  readonly Overwrite: boolean | undefined;
}

/** A parameter as it is after a PutParameter, or the Fault of one that cannot be. */
export function newVersion(
  given: Given,
  before: Parameter | undefined,
  { images }: Pick<State, 'images'>,
  now: Date,
): Parameter {
  const { Name: name, Value: value } = given;
  if (given.Type === 'SecureString') {
    throw unsupported(
      'The local cloud has no KMS, and does not keep a secret in clear: it cannot hold a SecureString',
    );
  }
  if (before !== undefined && given.Overwrite !== true) {
    throw new Fault(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
  const type = given.Type ?? before?.type;
  if (type === undefined)
    throw validationException('A parameter type is required when you create a parameter.');
  if (before !== undefined && before.type !== type) {
    throw new Fault(
      'HierarchyTypeMismatch',
      `The parameter ${name} is a ${before.type}: its type cannot be changed to ${type}`,
    );
  }
  if (value.length > longest) {
    throw validationException(
      `Standard tier parameters support a maximum parameter value of ${longest} characters.`,
    );
  }
  const dataType = given.DataType ?? before?.dataType ?? 'text';
  if (dataType === 'aws:ec2:image') checkImage(type, value, images);
  const description = given.Description ?? before?.description;
  return {
    name,
    type,
    dataType,
    value,
    version: (before?.version ?? 0) + 1,
    ...(description === undefined ? {} : { description }),
    modifiedAt: now.toISOString(),
    older: before === undefined ? [] : olderOf(before),
  };
}

function olderOf({ older, ...version }: Parameter): Parameter['older'] {
  return [...older, version].slice(1 - kept);
}

/** AWS looks for the image after it has answered, and then forgets the parameter; here the answer says it. */
function checkImage(type: string, value: string, images: State['images']): void {
  if (type !== 'String')
    throw validationException('A parameter of the data type aws:ec2:image is of the type String');
  if (Object.hasOwn(images, value)) return;
  throw validationException(`The image id '${value}' does not exist: aws:ec2:image takes no other value`);
}
