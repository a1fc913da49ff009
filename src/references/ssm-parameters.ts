import type { ParameterMetadata, Parameter } from '@aws-sdk/client-ssm';
import { collectPages, inParts, required, waitForAll } from '../aws/answers.ts';
import { malformed } from '../aws/ec2-failure.ts';
import type { FoundReference } from './reference.ts';
import type { ReferenceCalls } from './reference-calls.ts';

const parametersCall = 'ssm:DescribeParameters';

/**
 * The images that parameters name, anywhere in their value (it may be a list, or JSON). Only the current version of a
 * parameter counts. A SecureString is not read: an image's id is no secret, and reading it would take a permission to
 * decrypt whatever else the account keeps in such parameters.
 */
export async function findParameters(
  calls: Pick<ReferenceCalls, 'describeParameters' | 'getParameters'>,
): Promise<FoundReference[]> {
  const names = await collectPages(
    (next) => calls.describeParameters({ MaxResults: 50, ...next }),
    ({ Parameters: parameters }) => parameters?.flatMap(readableName),
    parametersCall,
  );
  const values = await parameterValues(names, calls.getParameters);
  return [...values].flatMap(([name, value]) =>
    imagesIn(value).map((id) => ({ id, kind: 'ssm-parameter' as const, by: `parameter ${name}` })),
  );
}

/** The ids of images in a text, each once. */
export function imagesIn(text: string): string[] {
  return [...new Set([...text.matchAll(/ami-[0-9a-f]{8,17}/g)].map(([id]) => id))];
}

function readableName({ Name: name, Type: type }: ParameterMetadata): string[] {
  const named = required(name, parametersCall, "a parameter's name");
  return required(type, parametersCall, `the type of ${named}`) === 'SecureString' ? [] : [named];
}

const valuesCall = 'ssm:GetParameters';
const perCall = 10;

/**
 * The values of parameters by the names that were asked for: a name or an ARN, each perhaps with `:version` or
 * `:label`. One that does not exist has none.
 * @throws CloudError when the answer says nothing about one of them
 */
export async function parameterValues(
  names: readonly string[],
  get: ReferenceCalls['getParameters'],
): Promise<Map<string, string>> {
  const answers = await waitForAll(
    inParts([...new Set(names)], perCall).map(async (batch) => {
      const { Parameters: parameters, InvalidParameters: invalid = [] } = await get({ Names: batch });
      const found = required(parameters, valuesCall, 'the parameters');
      return batch.flatMap((name): [string, string][] => {
        const parameter = found.find((candidate) => isNamed(candidate, name));
        if (parameter !== undefined)
          return [[name, required(parameter.Value, valuesCall, `the value of ${name}`)]];
        if (invalid.includes(name)) return [];
        throw malformed(valuesCall, `it says nothing about ${name}`);
      });
    }),
  );
  return new Map(answers.flat());
}

/** A parameter that was asked for by version or label is answered with both apart: `Name` and `Selector` (`:3`). */
function isNamed({ Name: name, ARN: arn, Selector: selector = '' }: Parameter, asked: string): boolean {
  const end = selector === '' ? '' : `:${selector.replace(/^:/, '')}`;
  return [name, arn].some((base) => base !== undefined && `${base}${end}` === asked);
}

const alias = 'resolve:ssm:';

/**
 * The same, with an image that is named by a parameter (`resolve:ssm:NAME`, perhaps with `:version` or `:label`, or
 * an ARN) looked up. A parameter that does not exist names none: nothing can be launched from it.
 */
export async function resolveImages(
  found: readonly FoundReference[],
  get: ReferenceCalls['getParameters'],
): Promise<FoundReference[]> {
  const names = found.flatMap(({ id }) => parameterIn(id) ?? []);
  const values = await parameterValues(names, get);
  return found.flatMap((one): FoundReference[] => {
    const name = parameterIn(one.id);
    if (name === undefined) return [one];
    return imagesIn(values.get(name) ?? '').map((id) => ({
      ...one,
      id,
      by: `${one.by} by parameter ${name}`,
    }));
  });
}

function parameterIn(imageId: string): string | undefined {
  return imageId.startsWith(alias) ? imageId.slice(alias.length) : undefined;
}
