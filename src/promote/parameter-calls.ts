import type { SSMClient } from '@aws-sdk/client-ssm';
import { collectPages, inParts, required } from '../aws/answers.ts';
import { codeOf, malformed } from '../aws/ec2-failure.ts';
import { sdk } from '../aws/sdk.ts';

const { DeleteParameterCommand, GetParameterHistoryCommand } = sdk('@aws-sdk/client-ssm');
const { GetParametersCommand, PutParameterCommand } = sdk('@aws-sdk/client-ssm');

/** A parameter of Systems Manager as it is now. */
export interface Parameter {
  name: string;
  value: string;
  version: number;
  /** `String`, `StringList` or `SecureString`. */
  type: string;
  /** `text` or `aws:ec2:image`; it stays as the parameter was made. */
  dataType: string;
}

/** A value of a parameter that is to be written. */
export interface NewValue {
  name: string;
  value: string;
  dataType: string;
  description: string;
  /** False: fails with `ParameterAlreadyExists` when there is such a parameter. */
  overwrite: boolean;
}

/** What promote asks of Systems Manager. */
export interface ParameterCalls {
  /** Those of the named parameters that exist, by their names. */
  parameters: (names: readonly string[]) => Promise<Map<string, Parameter>>;
  /** The values that a parameter has had, each with its version, newest first; none: there is no such parameter. */
  parameterHistory: (name: string) => Promise<{ value: string; version: number }[]>;
  /** Writes a parameter of the type String; its version. */
  putParameter: (parameter: NewValue) => Promise<number>;
  deleteParameter: (name: string) => Promise<unknown>;
}

/** Names that Systems Manager takes in a call. */
const perCall = 10;

/** Implements {@link ParameterCalls}. */
export function parameterCalls(ssm: SSMClient): ParameterCalls {
  return {
    parameters: async (names) => {
      const batches = inParts([...new Set(names)], perCall);
      const answers = await Promise.all(batches.map((batch) => readParameters(ssm, batch)));
      return new Map(answers.flat().map((parameter) => [parameter.name, parameter]));
    },
    parameterHistory: async (name) => {
      try {
        const all = await collectPages(
          (next) => ssm.send(new GetParameterHistoryCommand({ Name: name, MaxResults: 50, ...next })),
          ({ Parameters: found }) =>
            found?.map(({ Value: value = '', Version: version = 0 }) => ({ value, version })),
          'ssm:GetParameterHistory',
        );
        return all.sort((a, b) => b.version - a.version);
      } catch (error) {
        if (codeOf(error) === 'ParameterNotFound') return [];
        throw error;
      }
    },
    putParameter: async ({ name, value, dataType, description, overwrite }) => {
      const { Version: version } = await ssm.send(
        new PutParameterCommand({
          Name: name,
          Value: value,
          Type: 'String',
          DataType: dataType,
          Overwrite: overwrite,
          // Without one that a person gave it, an existing parameter keeps its own.
          ...(overwrite ? {} : { Description: description }),
        }),
      );
      return required(version, 'ssm:PutParameter', `the version of ${name}`);
    },
    deleteParameter: (name) => ssm.send(new DeleteParameterCommand({ Name: name })),
  };
}

const call = 'ssm:GetParameters';

async function readParameters(ssm: SSMClient, names: string[]): Promise<Parameter[]> {
  const { Parameters: found, InvalidParameters: missing = [] } = await ssm.send(
    new GetParametersCommand({ Names: names }),
  );
  const parameters = required(found, call, 'the parameters').map((parameter) => {
    const name = required(parameter.Name, call, "a parameter's name");
    return {
      name,
      value: required(parameter.Value, call, `the value of ${name}`),
      version: required(parameter.Version, call, `the version of ${name}`),
      type: required(parameter.Type, call, `the type of ${name}`),
      dataType: parameter.DataType ?? 'text',
    };
  });
  const silent = names.find(
    (name) => !missing.includes(name) && !parameters.some((one) => one.name === name),
  );
  // One that is not known must not count as one that does not exist.
  if (silent !== undefined) throw malformed(call, `it says nothing about ${silent}`);
  return parameters;
}
