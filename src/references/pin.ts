import { malformed } from '../aws/ec2-failure.ts';
import { known } from './answer.ts';
import type { User } from './launch-source.ts';
import type { ReferenceKind } from './reference.ts';

/** A version of a launch template that something launches from. */
export interface Pin {
  /** The template, by the one or the other. */
  template: { id: string } | { name: string };
  /** A number, `$Latest` or `$Default`. */
  version: string;
  kind: ReferenceKind;
  /** For a person: `Auto Scaling group web`. */
  by: string;
}

/** How Auto Scaling and the fleets name a version of a template. */
export interface TemplateSpecification {
  LaunchTemplateId?: string | undefined;
  LaunchTemplateName?: string | undefined;
  Version?: string | undefined;
}

/**
 * The version that a specification names; without one it is the default.
 * @throws CloudError when it names no template, or a version of an unknown form
 */
export function pinOf(specification: TemplateSpecification, { kind, by, call }: User): Pin {
  const { LaunchTemplateId: id, LaunchTemplateName: name, Version: version } = specification;
  const template =
    id === undefined || id === '' ? { name: known(name, call, `the launch template of ${by}`) } : { id };
  const named = version === undefined || version === '' ? '$Default' : version;
  if (!/^(\d+|\$Latest|\$Default)$/.test(named)) {
    throw malformed(call, `'${named}' is no launch template version, of ${by}`);
  }
  return { template, version: named, kind, by };
}
