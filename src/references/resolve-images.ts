import { type GetParameters, parameterValues } from './get-parameters.ts';
import type { Found } from './reference.ts';
import { imagesIn } from './ssm-parameter.ts';

const alias = 'resolve:ssm:';

/**
 * The same, with an image that is named by a parameter (`resolve:ssm:NAME`, perhaps with `:version` or `:label`, or
 * an ARN) looked up. A parameter that does not exist names none: nothing can be launched from it.
 */
export async function resolveImages(found: readonly Found[], get: GetParameters): Promise<Found[]> {
  const names = found.flatMap(({ id }) => parameterIn(id) ?? []);
  const values = await parameterValues(names, get);
  return found.flatMap((one): Found[] => {
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
