import type { SampleFolder } from '../sample-folder.ts';

/** What is done to a copy of the sample. */
export type Change = (sample: SampleFolder) => void;

/** A change that matters: what it is, the nodes that must be baked for it and no others, and what is done. */
export type Touching = [what: string, nodes: string[], ...changes: Change[]];

/** A change that touches no node. */
export type Harmless = [what: string, ...changes: Change[]];

export const environment = (file: string) => `environment/${file}`;
export const site = environment('manifests/site.pp');
export const base = environment('modules/base/manifests/init.pp');
export const redis = environment('modules/redis/manifests/init.pp');
export const web = environment('modules/web/manifests/init.pp');
export const tools = environment('modules/tools/manifests/init.pp');
export const data = (name: string) => environment(`data/${name}.yaml`);
export const erb = environment('modules/redis/templates/redis.conf.erb');
export const epp = environment('modules/base/templates/motd.epp');
export const ruby = environment('modules/tools/lib/puppet/functions/tools/double.rb');
export const type = environment('modules/tools/lib/puppet/type/tool.rb');
export const fact = environment('modules/tools/lib/facter/tools_count.rb');
export const template = 'templates/packer.json.mustache';

export const all = ['redis', 'web', 'app'];

export const nothing: Change = () => undefined;

export const edit =
  (file: string, from: string, to: string): Change =>
  (sample) => {
    sample.edit(file, from, to);
  };

export const append =
  (file: string, text: string): Change =>
  (sample) => {
    sample.append(file, text);
  };

export const write =
  (file: string, text: string): Change =>
  (sample) => {
    sample.write(file, text);
  };

export const remove =
  (file: string): Change =>
  (sample) => {
    sample.remove(file);
  };

export const link =
  (file: string, target: string): Change =>
  (sample) => {
    sample.link(file, target);
  };
