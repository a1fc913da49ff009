import { CORE_SCHEMA, load, Type } from 'js-yaml';

/**
 * Ruby marks objects and values of its own (`!ruby/object:Puppet::Resource::Status`, `!ruby/sym failed`); what is
 * under the mark is all that a report needs. Any other mark stays an error.
 */
const rubyTypes = (['scalar', 'sequence', 'mapping'] as const).map(
  (kind) => new Type('!ruby/', { kind, multi: true, construct: (data: unknown) => data }),
);

/** Ruby writes a string that is not UTF-8 as `!binary |` with base64, not as YAML's own `!!binary`. */
const binary = new Type('!binary', {
  kind: 'scalar',
  construct: (data: string) => Buffer.from(data, 'base64').toString('utf8'),
});

/** Without YAML's timestamp type: times stay text, whether Ruby quoted them or not. */
const schema = CORE_SCHEMA.extend({ implicit: [], explicit: [...rubyTypes, binary] });

/**
 * Reads YAML that Ruby wrote into plain data.
 * @throws YAMLException with a message that names line and column.
 */
export function parseRubyYaml(text: string): unknown {
  return load(text, { schema });
}
