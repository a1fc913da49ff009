import type { Catalog } from './catalog.ts';

/** A catalog to be compiled. */
export interface CompileRequest {
  node: string;
  /** `redis.bake`: what site.pp's node blocks see. */
  certname: string;
  /** The name of the environment, `production` for a masterless bake. */
  environment: string;
  /** As in the bake: `local` with `puppet apply`, `remote` against a Puppet server. */
  authenticated: 'local' | 'remote';
  /** All facts, as the machine would have them. */
  facts: Record<string, unknown>;
  /** What every plain machine says to facts of well-known modules: they count where a module brings them. */
  moduleFacts?: Record<string, unknown>;
  /** The facts that nodes.yaml and Bakehouse give: they win over those that stand in modules' facts.d. */
  given?: readonly string[];
}

/** Something that decides the catalog but cannot be seen from here: `generate() runs a command`. */
export interface Finding {
  kind:
    | 'command'
    | 'network'
    | 'time'
    | 'random'
    | 'environment-variable'
    | 'outside-file'
    | 'local-fact'
    | 'puppetdb'
    | 'exported-resource'
    | 'deferred'
    | 'file-mount'
    | 'url'
    | 'unknown-distribution'
    | 'pack';
  /** A sentence's rest, for a person: `generate() runs /usr/bin/hostname`. */
  what: string;
  /** The name of the environment variable, or the path of the file outside. */
  subject?: string;
  /** Puppet's functions that were at work, the outermost first: `m::x`, `generate`. */
  functions?: string[];
  /** As seen from the environment's folder. */
  file?: string;
  line?: number;
}

/** Which Hiera data a compilation asked for, so that other data may change without a new one. */
export interface DataReads {
  /** Folders of data, as seen from the environment's folder, with `/` at the end: what lies there counts only if it is in `paths`. */
  folders: string[];
  /** Files that were asked for there, also those that do not exist. */
  paths: string[];
}

export interface Compiled {
  node: string;
  catalog: Catalog;
  findings: Finding[];
  data: DataReads;
  /** Puppet's warnings, each once. */
  warnings: string[];
}

/** Why a node has no catalog. */
export interface CompileProblem {
  /** `error`: Puppet says so. `empty`: the manifests say nothing about the node. */
  kind: 'error' | 'empty' | 'time-limit' | 'killed';
  /** In one line, without the place. */
  message: string;
  /** As seen from the environment's folder, where it lies in it. */
  file?: string;
  line?: number;
  column?: number;
  /** Facts that the environment's modules bring and that are not known of the node's machine, each with its file. */
  unknownFacts?: UnknownFact[];
}

/** A fact that only a machine can tell: `redis/lib/facter/x.rb`. */
export interface UnknownFact {
  fact: string;
  file: string;
}

export interface NotCompiled {
  node: string;
  problem: CompileProblem;
}

export type Compilation = Compiled | NotCompiled;

/** What the compiler knows of an environment as a whole. */
export interface EnvironmentDescription {
  puppetVersion: string;
  /** The folders of the modulepath that exist, absolute, in their order. */
  modulepath: string[];
  /** Hash of what pluginsync brings to every node: the modules' lib/ and facts.d/ (SHA-256, hexadecimal). */
  plugins: string;
  /** Each of those files with the hash of its meaning, to name what differs: `redis/lib/facter/x.rb`. */
  pluginFiles: Record<string, string>;
}
