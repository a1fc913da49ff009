import { givenOf, type LaunchData } from '../api/launch-data.ts';
import type { Branch, Tree } from '../api/query.ts';
import { group, type Decoded } from '../api/shapes.ts';
import type { State, Tags } from '../state/model.ts';
import { templateOf, versionOf } from '../templates/lookup.ts';
import { launchFields } from './launch-fields.ts';

type Given = Decoded<typeof launchFields>;

/** A call with what its launch template says where the call itself says nothing. */
export function fillFromTemplate(given: Given, state: State): { given: Given; tags: Tags } {
  if (given.LaunchTemplate === undefined) return { given, tags: {} };
  const template = templateOf(state, given.LaunchTemplate);
  const version = versionOf(template, given.LaunchTemplate.Version ?? '$Default');
  const read = group(launchFields)(treeOf(version.data), '');
  const filled = { ...read, ...givenOf(given) } as Given;
  return {
    given: filled,
    tags: {
      'aws:ec2launchtemplate:id': template.id,
      'aws:ec2launchtemplate:version': String(version.number),
    },
  };
}

/** A template's data as if a call had given it, so that what a launch does not know is refused by the same words. */
function treeOf(data: LaunchData): Branch {
  return new Map(
    Object.entries(givenOf(data)).map(([name, value]: [string, unknown]) => [name, tree(value)]),
  );
}

function tree(value: unknown): Tree {
  if (Array.isArray(value)) return new Map(value.map((item, index) => [String(index + 1), tree(item)]));
  if (typeof value === 'object' && value !== null) {
    return new Map(
      Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
        inner === undefined ? [] : [[name, tree(inner)] as const],
      ),
    );
  }
  return String(value);
}
