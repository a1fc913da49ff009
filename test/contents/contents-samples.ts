import type { ImageContents } from '../../src/contents/image-contents.ts';
import { fc } from '../runs.ts';

/** Contents of a small image. */
export function contents(changes: Partial<ImageContents> = {}): ImageContents {
  return {
    schema: 1,
    node: 'redis',
    image: 'ami-0a1b2c3d4e5f60718',
    run: 'run-1',
    listedAt: '2026-11-28T12:00:00.000Z',
    distribution: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12' },
    kernel: '6.1.0',
    architecture: 'amd64',
    packages: [
      {
        name: 'openssl',
        version: '3.0.15',
        architecture: 'amd64',
        source: { name: 'openssl', version: '3.0.15' },
      },
      { name: 'curl', version: '7.88', architecture: 'amd64' },
    ],
    services: [{ name: 'ssh.service', enabled: 'enabled', running: true }],
    ports: [{ protocol: 'tcp', address: '0.0.0.0', port: 22, program: 'sshd' }],
    users: [{ name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash' }],
    setuid: [{ path: '/usr/bin/su', mode: '4755', owner: 'root', group: 'root' }],
    unknown: [],
    ...changes,
  };
}

/** Few names, so that two contents have some in common. */
const name = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('a', 'b', 'c', '__proto__') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);
const number = fc.nat(3);
const list = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 6 });

/** Contents with hostile names, and with entries twice. */
export const anyContents: fc.Arbitrary<ImageContents> = fc
  .record({
    kernel: name,
    architecture: name,
    packages: list(
      fc.record(
        { name, version: name, architecture: name, source: fc.record({ name, version: name }) },
        { requiredKeys: ['name', 'version', 'architecture'] },
      ),
    ),
    services: list(fc.record({ name, enabled: name, running: fc.boolean() })),
    ports: list(
      fc.record(
        {
          protocol: fc.constantFrom('tcp' as const, 'udp' as const),
          address: name,
          port: number,
          program: name,
        },
        { requiredKeys: ['protocol', 'address', 'port'] },
      ),
    ),
    users: list(fc.record({ name, uid: number, gid: number, home: name, shell: name })),
    setuid: list(fc.record({ path: name, mode: name, owner: name, group: name })),
    unknown: fc.subarray(['packages', 'services', 'ports', 'users', 'setuid'] as const, { maxLength: 2 }),
  })
  .map((changes) => contents({ ...changes, unknown: [...changes.unknown] }));
