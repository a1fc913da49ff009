/** What Puppet knows of a machine, by name; plain data. */
export type Facts = Record<string, unknown>;
