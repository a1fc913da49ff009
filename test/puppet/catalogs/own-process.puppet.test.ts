import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Compilation } from '../../../src/puppet/catalogs/compilation.ts';
import { part } from '../../runs.ts';
import { compileNodes, environmentFolder, removeFolders } from './environment-folder.ts';

/** Ways in which code in Ruby may keep something for the next node, each for nodes of a role of its name. */
const kept: Record<string, string> = {
  class_variable: 'notify { m::remembered($facts["networking"]["hostname"]): }',
  global: 'notify { old_global($facts["networking"]["hostname"]): }',
  patched: 'notify { m::patched(): }',
  template: "notify { inline_template('<% $kept ||= @hostname %><%= $kept %>'): }",
  clock_by_name: 'notify { m::sometimes($facts["networking"]["hostname"] == "clock_by_name"): }',
  library: 'notify { m::library($facts["networking"]["hostname"]): }',
  plain: 'include plain',
};
const create = (name: string, parameter: string, body: string): [string, string] => [
  `modules/m/lib/puppet/functions/m/${name}.rb`,
  `Puppet::Functions.create_function(:'m::${name}') do\n  def ${name}(${parameter})\n    ${body}\n  end\nend\n`,
];

let folder: string;
let alone: Map<string, Compilation | undefined>;
const seconds = Object.keys(kept).map((role) => `${role}_2`);
const nodes = [...Object.keys(kept), ...seconds];
/** Those that are compiled alone, too: three of them are enough for a commit. */
const compared = part(seconds, 3);

beforeAll(async () => {
  const blocks = Object.entries(kept).map(([role, code]) => `'${role}', '${role}_2': { ${code} }`);
  folder = environmentFolder({
    'manifests/site.pp': `$hostname = $facts['networking']['hostname']\ncase $facts['role'] {\n${blocks.join('\n')}\n}\n`,
    'modules/plain/manifests/init.pp': 'class plain { notify { "of ${facts[\'role\']}": } }\n',
    ...Object.fromEntries([
      create('remembered', 'name', '@@name ||= name'),
      create(
        'patched',
        '',
        "text = ''.respond_to?(:of_m) ? 'again' : 'new'; String.define_method(:of_m) { 1 }; text",
      ),
      create('sometimes', 'really', "really ? Time.now.class.to_s : 'none'"),
      create('library', 'name', "$library_of ||= name; require 'm_library'; M_LIBRARY + Time.at(0).utc.to_s"),
    ]),
    'modules/m/lib/m_library.rb': "M_LIBRARY = $library_of + ENV['NO_SUCH'].to_s\n",
    'modules/m/lib/puppet/parser/functions/old_global.rb':
      'Puppet::Parser::Functions.newfunction(:old_global, type: :rvalue) { |args| $old ||= args[0] }\n',
  });
  // Each by a process that has compiled nothing before.
  alone = new Map();
  for (const node of compared) alone.set(node, (await compileNodes(folder, [node])).get(node));
}, 240_000);

afterAll(removeFolders);

test.each([
  ['one process', nodes, 1],
  ['two processes, backwards', nodes.toReversed(), 2],
])('nothing of one node is left for the next: %s', async (_, request, workers) => {
  const together = await compileNodes(folder, request, { workers });
  for (const node of compared) expect(together.get(node)).toEqual(alone.get(node));
  expect(together.get('clock_by_name')).toMatchObject({ findings: [{ kind: 'time' }] });
  expect(together.get('clock_by_name_2')).toMatchObject({ findings: [] });
  expect(together.get('library_2')).toMatchObject({ findings: [{ kind: 'environment-variable' }] });
  expect(JSON.stringify(together.get('class_variable_2'))).toContain('Notify[class_variable_2]');
});
