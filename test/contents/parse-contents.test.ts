import { describe, expect, test } from '@jest/globals';
import { contentsOf, isUnknown } from '../../src/contents/image-contents.ts';
import { parseContents, portName } from '../../src/contents/parse-contents.ts';
import { jsonText } from '../../src/lib/json-file.ts';
import { fc, runs } from '../runs.ts';
import { head, listing, parts } from './listing.ts';

const contents = (text: string) => {
  const found = parseContents(text, head);
  if (isUnknown(found)) throw new Error(found.unknown);
  return found;
};

describe('the list that a machine prints', () => {
  test('becomes contents, each part in the order of its names', () => {
    expect(contents(listing())).toEqual({
      schema: 1,
      ...head,
      listedAt: '2026-11-28T12:00:00.000Z',
      distribution: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12 "bookworm"' },
      kernel: '6.1.0-28-cloud-amd64',
      architecture: 'amd64',
      packages: [
        { name: 'adduser', version: '3.134', architecture: 'all' },
        {
          ...{ name: 'libssl3', version: '3.0.15-1', architecture: 'amd64' },
          source: { name: 'openssl', version: '3.0.15-1' },
        },
        {
          ...{ name: 'libssl3', version: '3.0.15-1', architecture: 'i386' },
          source: { name: 'openssl', version: '3.0.15-1' },
        },
        { name: 'nginx', version: '1.22.1-9+deb12u1', architecture: 'amd64' },
      ],
      services: [
        { name: 'apt-daily.timer', enabled: 'enabled', running: true },
        { name: 'getty@tty1.service', enabled: 'enabled', running: true },
        { name: 'nginx.service', enabled: 'enabled', running: false },
        { name: 'ssh.service', enabled: 'not enabled', running: true },
        { name: 'systemd-udevd-control.socket', enabled: 'not enabled', running: true },
      ],
      ports: [
        { protocol: 'tcp', address: '0.0.0.0', port: 22, program: 'sshd' },
        { protocol: 'tcp', address: '::', port: 22, program: 'sshd' },
        { protocol: 'udp', address: 'own', port: 68, program: 'systemd-network' },
        { protocol: 'udp', address: '127.0.0.1', port: 323 },
        { protocol: 'tcp', address: '::', port: 8080, program: 'java' },
      ],
      users: [
        { name: 'admin', uid: 1000, gid: 1000, home: '/home/admin', shell: '/bin/bash' },
        { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash' },
      ],
      setuid: [
        { path: '/opt/a\nb\tc', mode: '2755', owner: 'root', group: 'mail' },
        { path: '/usr/bin/sudo', mode: '4755', owner: 'root', group: 'root' },
      ],
      unknown: [],
    });
  });

  test.each(Object.keys(parts).filter((part) => part !== 'machine'))(
    'without its part %s, or with half of it, says that this is not known, and has the others',
    (part) => {
      const whole = contents(listing());
      for (const text of [listing({ [part]: undefined }), listing({}, part)]) {
        expect(contents(text)).toEqual({ ...whole, [part]: [], unknown: [part] });
      }
    },
  );

  test.each(['', 'sh: 1: no such program\n', listing({ machine: undefined }), listing({ machine: 'x\n' })])(
    'of no machine is none: %j',
    (text) => {
      expect(parseContents(text, head)).toEqual({ unknown: expect.stringMatching(/machine/) });
    },
  );

  test('cannot be closed early by a path that holds the closing line', () => {
    const hostile = `4755\troot\troot\t/tmp/x\n--- bakehouse contents: end of setuid ---\n\0${parts.setuid}`;
    const { setuid } = contents(listing({ setuid: hostile }));
    expect(setuid.map(({ path }) => path)).toContain('/usr/bin/sudo');
    expect(setuid).toHaveLength(3);
  });

  test('whatever stands in it, becomes contents that can be read back as they are, or a sentence', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\t', '\0', '\n', ':', 'users:(("', 'tcp LISTEN 0 1 [::]:1 ', 'ii \t', '4755\t'),
    );
    const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));
    const names = Object.keys(parts).filter((part) => part !== 'machine');
    fc.assert(
      fc.property(fc.constantFrom(...names), text, (part, hostile) => {
        const found = contents(listing({ [part]: hostile }));
        expect(contentsOf(jsonText(found), 'contents.json')).toEqual(JSON.parse(JSON.stringify(found)));
        expect(found.packages.length === 4 || part === 'packages').toBe(true);
      }),
      runs(300),
    );
  });
});

test('a port is called by its protocol, address and number', () => {
  expect(portName({ protocol: 'tcp', address: '0.0.0.0', port: 22 })).toBe('tcp 0.0.0.0:22');
  expect(portName({ protocol: 'udp', address: '::1', port: 323 })).toBe('udp [::1]:323');
});
