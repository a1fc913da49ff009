import { expect, test } from '@jest/globals';
import { readStamp, stampLine, withoutStamp, withStamp } from '../../src/init/stamp.ts';
import { readTeamPackage } from '../../src/init/team-files.ts';
import { fc, runs } from '../runs.ts';

test.each([
  ['templates/provision/seal.sh', '# bakehouse 1.2.3 templates/provision/seal.sh'],
  ['templates/Vagrantfile', '# bakehouse 1.2.3 templates/Vagrantfile'],
  ['Jenkinsfile', '// bakehouse 1.2.3 Jenkinsfile'],
  ['jobs/seed.groovy', '// bakehouse 1.2.3 jobs/seed.groovy'],
  ['jobs/seed.jenkinsfile', '// bakehouse 1.2.3 jobs/seed.jenkinsfile'],
  ['templates/packer.json.mustache', '<%! bakehouse 1.2.3 templates/packer.json.mustache %>'],
])('the stamp of %s is a comment of its language', (path, line) => {
  expect(stampLine(path, '1.2.3')).toBe(line);
});

test('every file of the package that a team gets can bear a stamp, and bears none in the package', async () => {
  for (const { path, text } of (await readTeamPackage()).files) {
    expect(readStamp(withStamp(text, path, '1.2.3'), path)).toMatchObject({ version: '1.2.3' });
    expect(readStamp(text, path)).toBeUndefined();
  }
});

test.each([
  ['#!/bin/sh\nset -eu\n', '#!/bin/sh\n# bakehouse 1.0.0 a.sh\nset -eu\n'],
  ['set -eu\n', '# bakehouse 1.0.0 a.sh\nset -eu\n'],
  ['#!/bin/sh\r\nset -eu\r\n', '#!/bin/sh\r\n# bakehouse 1.0.0 a.sh\r\nset -eu\r\n'],
  ['\u00ef\u00bb\u00bfset -eu\n', '\u00ef\u00bb\u00bf# bakehouse 1.0.0 a.sh\nset -eu\n'],
  [
    '<<<<<<< a\n#!/bin/sh\n=======\n#!/bin/dash\n>>>>>>> b\nx\n',
    '<<<<<<< a\n#!/bin/sh\n=======\n#!/bin/dash\n>>>>>>> b\n# bakehouse 1.0.0 a.sh\nx\n',
  ],
])('a stamp leaves first what must be first: %j', (text, stamped) => {
  expect(withStamp(text, 'a.sh', '1.0.0')).toBe(stamped);
});

test.each([
  ['# bakehouse 1.0.0 b.sh\n', 'of another file'],
  ['# bakehouse bakes a.shell\n', 'that goes on'],
  ['echo "# bakehouse 1.0.0 a.sh"\n', 'in a command'],
])('%j is no stamp of a.sh: a line %s', (text) => {
  expect(readStamp(text, 'a.sh')).toBeUndefined();
});

test('a stamp that a person has moved or indented is read', () => {
  const text = 'x\n  # bakehouse 1.0.0 a.sh  \r\ny\n';
  expect(readStamp(text, 'a.sh')).toMatchObject({ version: '1.0.0' });
  expect(withoutStamp(text, 'a.sh')).toBe('x\ny\n');
});

test('whatever a text holds, without its stamp it is the text again', () => {
  const line = fc.constantFrom('#!/bin/sh', 'set -eu', '', '# x', '<<<<<<< a', '>>>>>>> b', '\u00ff');
  const text = fc.tuple(fc.array(line), fc.constantFrom('\n', '\r\n')).map(([lines, end]) => lines.map((each) => `${each}${end}`).join('')); // prettier-ignore
  fc.assert(
    fc.property(text, fc.constantFrom('a.sh', 'b.groovy', 'c.mustache'), (one, path) => {
      const stamped = withStamp(one, path, '0.1.0');
      expect(readStamp(stamped, path)).toMatchObject({ version: '0.1.0' });
      expect(withoutStamp(stamped, path)).toBe(one);
    }),
    runs(500),
  );
});
