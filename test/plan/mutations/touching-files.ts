import { environment, erb, epp, all, edit, append, write, remove, link, type Touching } from './change.ts';

/** Templates, and files that the catalog names. */
export const touchingFiles: Touching[] = [
  ['an ERB template', ['redis'], edit(erb, 'port <%', 'listen <%')],
  ['an EPP template', all, edit(epp, 'This is', 'Here is')],
  ['white space in the outcome of a template', ['redis'], edit(erb, 'port <%', 'port  <%')],
  ['a file', ['web'], edit(environment('modules/web/files/index.html'), 'Hello', 'Hi')],
  [
    'a file deep in a folder that is taken whole',
    ['web'],
    append(environment('modules/web/files/assets/deep/er/site.js'), '// more\n'),
  ],
  ['a new file in that folder', ['web'], write(environment('modules/web/files/assets/new.css'), '')],
  ['a file that leaves that folder', ['web'], remove(environment('modules/web/files/assets/site.css'))],
  [
    'a link in that folder',
    ['web'],
    link(environment('modules/web/files/assets/index.html'), '../index.html'),
  ],
];
