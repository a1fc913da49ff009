import { Fault } from '../api/fault.ts';
import type { State } from '../state/model.ts';
import { lookUp } from './look-up.ts';

/** Throws where a template names a parameter that it cannot: EC2 checks nothing else of it before a launch. */
export function checkAlias(state: State, { ImageId = '' }: { readonly ImageId?: string | undefined }): void {
  resolveImage(state, ImageId);
}

const alias = 'resolve:ssm:';

/**
 * The image that a launch means: `resolve:ssm:` with a parameter's name or ARN, perhaps with `:version`, is what the
 * parameter holds in the region, and any other text is the image's own id. Throws EC2's Faults:
 * https://github.com/aws/aws-cdk/issues/26712 has the one of the data type.
 */
export function resolveImage(state: State, imageId: string): string {
  if (!imageId.startsWith(alias)) return imageId;
  const found = lookUp(state, imageId.slice(alias.length));
  if (typeof found === 'string') {
    const why = found === 'no parameter' ? 'there is no such parameter' : 'the parameter has no such version';
    throw new Fault('SsmInvalidParameter', `The following aliases are invalid: ${imageId} (${why})`);
  }
  if (found.version.dataType !== 'aws:ec2:image') {
    throw new Fault(
      'SsmInvalidParameter',
      `Unsupported data type. The following parameter data types are supported: aws:ec2:image; ${found.version.name} is ${found.version.dataType}`,
    );
  }
  return found.version.value;
}
