import { chmodSync } from 'node:fs';
import { environment, ruby, type, fact, all, edit, write, type Touching } from './change.ts';

/** What pluginsync brings to everybody. */
export const touchingPlugins: Touching[] = [
  ['a custom fact', all, edit(fact, '{ 3 }', '{ 4 }')],
  ['an external fact', all, edit(environment('modules/tools/facts.d/tools.txt'), 'shed', 'cellar')],
  [
    'an external fact that may be run',
    all,
    (s) => {
      chmodSync(s.at(environment('modules/tools/facts.d/tools.txt')), 0o755);
    },
  ],
  ['a custom type', all, edit(type, 'newparam(:size)', 'newparam(:size) { defaultto 1 }')],
  [
    'a provider',
    all,
    write(
      environment('modules/tools/lib/puppet/provider/tool/hand.rb'),
      'Puppet::Type.type(:tool).provide(:hand)\n',
    ),
  ],
  ['a custom function', all, edit(ruby, 'number * 2', 'number + number + 0')],
];
