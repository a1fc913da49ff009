import type { ParameterMetadata } from '@aws-sdk/client-ssm';
import { collectPages, type Page } from '../aws/pages.ts';
import { known } from './answer.ts';
import { type GetParameters, parameterValues } from './get-parameters.ts';
import type { Found } from './reference.ts';

/** The calls that parameters need. */
export interface ParameterWorld {
  describeParameters: (query: {
    MaxResults: number;
    NextToken?: string;
  }) => Promise<{ Parameters?: ParameterMetadata[] | undefined } & Page>;
  getParameters: GetParameters;
}

const call = 'ssm:DescribeParameters';

/**
 * The images that parameters name, anywhere in their value (it may be a list, or JSON). Only the current version of a
 * parameter counts. A SecureString is not read: an image's id is no secret, and reading it would take a permission to
 * decrypt whatever else the account keeps in such parameters.
 */
export async function findParameters(world: ParameterWorld): Promise<Found[]> {
  const names = await collectPages(
    (next) => world.describeParameters({ MaxResults: 50, ...next }),
    ({ Parameters: parameters }) => parameters?.flatMap(readableName),
    call,
  );
  const values = await parameterValues(names, world.getParameters);
  return [...values].flatMap(([name, value]) =>
    imagesIn(value).map((id) => ({ id, kind: 'ssm-parameter' as const, by: `parameter ${name}` })),
  );
}

/** The ids of images in a text, each once. */
export function imagesIn(text: string): string[] {
  return [...new Set([...text.matchAll(/ami-[0-9a-f]{8,17}/g)].map(([id]) => id))];
}

function readableName({ Name: name, Type: type }: ParameterMetadata): string[] {
  const named = known(name, call, "a parameter's name");
  return known(type, call, `the type of ${named}`) === 'SecureString' ? [] : [named];
}
