import type { Parameter } from '@aws-sdk/client-ssm';
import { malformed } from '../aws/ec2-failure.ts';
import { known } from './answer.ts';
import { together } from './together.ts';

/** A call of Systems Manager's GetParameters. */
export type GetParameters = (query: { Names: string[] }) => Promise<{
  Parameters?: Parameter[] | undefined;
  InvalidParameters?: string[] | undefined;
}>;

const call = 'ssm:GetParameters';
const perCall = 10;

/**
 * The values of parameters by the names that were asked for: a name or an ARN, each perhaps with `:version` or
 * `:label`. One that does not exist has none.
 * @throws CloudError when the answer says nothing about one of them
 */
export async function parameterValues(
  names: readonly string[],
  get: GetParameters,
): Promise<Map<string, string>> {
  const distinct = [...new Set(names)];
  const batches = Array.from({ length: Math.ceil(distinct.length / perCall) }, (_, batch) =>
    distinct.slice(batch * perCall, (batch + 1) * perCall),
  );
  const answers = await together(
    batches.map(async (batch) => {
      const { Parameters: parameters, InvalidParameters: invalid = [] } = await get({ Names: batch });
      const found = known(parameters, call, 'the parameters');
      return batch.flatMap((name): [string, string][] => {
        const parameter = found.find((candidate) => isNamed(candidate, name));
        if (parameter !== undefined) return [[name, known(parameter.Value, call, `the value of ${name}`)]];
        if (invalid.includes(name)) return [];
        throw malformed(call, `it says nothing about ${name}`);
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
