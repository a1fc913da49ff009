import type { Xml } from '../api/xml.ts';
import type { State } from '../state/model.ts';
import type { ParameterVersion } from '../state/parameter.ts';

/** A parameter's ARN: the slash that a name of a hierarchy begins with is not doubled. */
export function parameterArn({ account }: Pick<State, 'account'>, name: string): string {
  return `arn:aws:ssm:${account.region}:${account.id}:parameter${name.startsWith('/') ? '' : '/'}${name}`;
}

/** A version with its value, as Get actions answer it. */
export function parameterAnswer(
  state: Pick<State, 'account'>,
  { name, type, value, version, modifiedAt, dataType }: ParameterVersion,
  selector?: string,
): Xml {
  return {
    Name: name,
    Type: type,
    Value: value,
    Version: version,
    Selector: selector,
    LastModifiedDate: new Date(modifiedAt),
    ARN: parameterArn(state, name),
    DataType: dataType,
  };
}
