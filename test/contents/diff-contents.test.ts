import { describe, expect, test } from '@jest/globals';
import {
  type ContentsDiff,
  diffContents,
  type Difference,
  isSame,
} from '../../src/contents/diff-contents.ts';
import { diffLines, diffSummary } from '../../src/contents/diff-lines.ts';
import type { ContentsPart, ImageContents } from '../../src/contents/image-contents.ts';
import { canonicalJson } from '../../src/lib/hash.ts';
import { fc, runs } from '../runs.ts';
import { anyContents, contents } from './contents-samples.ts';

const parts = ['packages', 'services', 'ports', 'users', 'setuid'] as const satisfies ContentsPart[];
const before = contents({ image: 'ami-1' });
const diffTo = (changes: Partial<ImageContents>) =>
  diffContents(before, contents({ image: 'ami-2', ...changes }));

describe('the lines of a difference', () => {
  const [openssl, curl] = before.packages;
  const [ssh] = before.services;
  const [port] = before.ports;
  const [root] = before.users;
  const [su] = before.setuid;
  if (!openssl || !curl || !ssh || !port || !root || !su) throw new Error('the sample is too small');

  test.each<[string, Partial<ImageContents>, string[]]>([
    ['there is none', {}, []],
    [
      'the system is another',
      { distribution: { id: 'debian', version: '13', name: 'Debian GNU/Linux 13' }, kernel: '6.12.1' },
      ['distribution Debian GNU/Linux 12 → Debian GNU/Linux 13', 'kernel 6.1.0 → 6.12.1'],
    ],
    [
      'a package has another version',
      { packages: [{ ...openssl, version: '3.0.17', source: { name: 'openssl', version: '3.0.17' } }, curl] },
      ['openssl 3.0.15 → 3.0.17'],
    ],
    ['only its source has', { packages: [openssl, { ...curl, source: { name: 'curl', version: '9' } }] }, ['curl source curl → curl 9']],
    [
      'packages came and went, one of another architecture',
      { packages: [openssl, { name: 'zlib1g', version: '1.3', architecture: 'i386' }] },
      ['+ package zlib1g:i386 1.3', '- package curl 7.88'],
    ],
    [
      'services changed',
      { services: [{ ...ssh, enabled: 'disabled', running: false }, { name: 'a.timer', enabled: 'enabled', running: true }] },
      ['service ssh.service enabled → disabled, running → not running', '+ service a.timer (enabled, running)'],
    ],
    [
      'another program listens, and one on IPv6',
      { ports: [{ ...port, program: 'dropbear' }, { protocol: 'udp', address: '::', port: 53 }] },
      ['port tcp 0.0.0.0:22 sshd → dropbear', '+ port udp [::]:53 (program not known)'],
    ],
    [
      'users changed',
      { users: [{ ...root, shell: '/bin/sh' }, { name: 'redis', uid: 107, gid: 110, home: '/var/lib/redis', shell: '/bin/false' }] },
      [
        'user root shell /bin/bash → /bin/sh',
        '+ user redis (uid 107, gid 110, home /var/lib/redis, shell /bin/false)',
      ],
    ],
    [
      'setuid files changed',
      { setuid: [{ ...su, mode: '6755' }, { path: '/x', mode: '4755', owner: 'root', group: 'root' }] },
      ['setuid file /usr/bin/su 4755 → 6755', '+ setuid file /x (4755, root:root)'],
    ],
    [
      'parts are not known',
      { ports: [], setuid: [], unknown: ['ports', 'setuid'] },
      ['ports, setuid files not compared: one of the two images has no list of them'],
    ],
    [
      'a name has markup, line breaks and controls',
      { packages: [openssl, curl, { name: '<b>\n\u001b[31mx', version: '1\u202e', architecture: 'amd64' }] },
      ['+ package <b> x 1\\u202e'],
    ],
  ])('say it when %s', (_, changes, lines) => {
    expect(diffLines(diffTo(changes))).toEqual(lines);
  }); // prettier-ignore

  test('are cut at a limit, and none of the parts is hidden by a long one', () => {
    const packages = Array.from({ length: 40 }, (_, index) => ({ name: `p${index}`, version: '1', architecture: 'amd64' }));
    const diff = diffTo({ packages: [openssl, curl, ...packages], ports: [], setuid: [] });
    const lines = diffLines(diff, { limit: 6 });
    expect(lines).toHaveLength(6);
    expect(lines).toContain('- port tcp 0.0.0.0:22 (sshd)');
    expect(lines).toContain('- setuid file /usr/bin/su (4755, root:root)');
    expect(lines.at(-1)).toBe('… and more: 37 packages');
    expect(diffLines(diff)).toHaveLength(42);
  }); // prettier-ignore

  test('are summed up in a few words', () => {
    const diff = diffTo({
      packages: [{ ...openssl, version: '4' }],
      ports: [],
      kernel: '7',
      unknown: ['users'],
    });
    expect(diffSummary(diff)).toBe(
      'another kernel; 1 package changed, 1 removed; 1 port removed; users not compared',
    );
    expect(diffSummary(diffTo({}))).toBe('');
  });
});

/** What `to` must list by the difference. */
function applied(from: ImageContents, diff: ContentsDiff, part: ContentsPart): string[] {
  const { added, removed, changed } = diff[part] as Difference<unknown>;
  const left = [...(from[part] as unknown[])].map(canonicalJson);
  for (const gone of [...removed, ...changed.map((one) => one.from)]) {
    const index = left.indexOf(canonicalJson(gone));
    expect(index).not.toBe(-1);
    left.splice(index, 1);
  }
  return [...left, ...[...added, ...changed.map((one) => one.to)].map(canonicalJson)].sort();
}

describe('the difference of any two contents', () => {
  test('is nothing for the same one, in whatever order its lists are', () => {
    fc.assert(
      fc.property(anyContents, (one) => {
        const turned = Object.fromEntries(parts.map((part) => [part, [...one[part]].reverse()]));
        expect(isSame(diffContents({ ...one, unknown: [] }, { ...one, ...turned, unknown: [] }))).toBe(true);
      }),
      runs(300),
    );
  });

  test('makes the newer of the older one, and says of it no more than it must', () => {
    fc.assert(
      fc.property(anyContents, anyContents, (from, to) => {
        const diff = diffContents(from, to);
        for (const part of parts) {
          if (diff.unknown.includes(part))
            expect(diff[part]).toEqual({ added: [], removed: [], changed: [] });
          else expect(applied(from, diff, part)).toEqual((to[part] as unknown[]).map(canonicalJson).sort());
          const { added, removed } = diff[part] as Difference<unknown>;
          const same = added.map(canonicalJson).filter((one) => removed.map(canonicalJson).includes(one));
          expect(same).toEqual([]);
        }
      }),
      runs(300),
    );
  });

  test('has lines that are one line each and as many as the limit at most, whatever the names are', () => {
    fc.assert(
      fc.property(anyContents, anyContents, fc.nat(30), (from, to, limit) => {
        const diff = diffContents(from, to);
        const lines = diffLines(diff);
        expect(lines.length === 0).toBe(isSame(diff));
        expect(diffSummary(diff) === '').toBe(isSame(diff));
        expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        expect(diffLines(diff, { limit }).length).toBeLessThanOrEqual(Math.max(1, limit));
      }),
      runs(300),
    );
  });
});
