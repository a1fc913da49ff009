import { Fault, invalidValue } from './fault.ts';
import { group, list, rawText, required, text } from './shapes.ts';
import type { Xml } from './xml.ts';
import type { State, Tags } from '../state/model.ts';

export const tagShape = list(group({ Key: required(text), Value: rawText }));
export const tagSpecificationShape = list(group({ ResourceType: required(text), Tag: tagShape }));

type TagList = ReturnType<typeof tagShape>;
type TagSpecifications = ReturnType<typeof tagSpecificationShape>;

const maxTags = 50;

/** Reads tags, refusing those that EC2 refuses. */
export function readTags(given: TagList): Tags {
  const tags: Tags = {};
  for (const { Key, Value } of given) {
    if (Key.length > 127) throw invalidValue(`Tag key exceeds the maximum length of 127 characters`);
    if ((Value ?? '').length > 256)
      throw invalidValue('Tag value exceeds the maximum length of 256 characters');
    if (/^aws:/i.test(Key)) throw invalidValue(`Tag keys starting with 'aws:' are reserved for internal use`);
    if (Object.hasOwn(tags, Key)) throw invalidValue(`Duplicate tag key '${Key}' specified.`);
    Object.defineProperty(tags, Key, {
      value: Value ?? '',
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  if (Object.keys(tags).length > maxTags) throw tooManyTags();
  return tags;
}

/** Reads TagSpecification.N: tags by the type of resource, of which only `allowed` ones make sense here. */
export function readTagSpecifications(
  given: TagSpecifications,
  ...allowed: string[]
): (type: string) => Tags {
  const wrong = given.find(({ ResourceType }) => !allowed.includes(ResourceType));
  if (wrong !== undefined) {
    throw invalidValue(`'${wrong.ResourceType}' is not a valid taggable resource type for this operation.`);
  }
  const byType = new Map(
    allowed.map((type) => [
      type,
      readTags(given.flatMap(({ ResourceType, Tag }) => (ResourceType === type ? Tag : []))),
    ]),
  );
  return (type) => byType.get(type) ?? {};
}

/** Lays tags over those that a resource has. Throws when they would be too many. */
export function mergeTags(before: Tags | undefined, added: Tags): Tags {
  const merged = { ...before, ...added };
  if (Object.keys(merged).length > maxTags) throw tooManyTags();
  return merged;
}

/** Notes the tags that a resource is born with. */
export function putTags(state: State, id: string, tags: Tags): void {
  if (Object.keys(tags).length > 0) state.tags[id] = { ...tags };
}

/** A `tagSet`; EC2 leaves it out where there is none. */
export function tagSet(tags: Tags | undefined): Xml {
  const set = Object.entries(tags ?? {}).map(([key, value]) => ({ key, value }));
  return set.length === 0 ? undefined : set;
}

function tooManyTags(): Fault {
  return new Fault('TagLimitExceeded', `The maximum number of Tags for a resource has been reached.`);
}
