import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { PackageURL } from 'packageurl-js';
import { contentsOf } from '../../src/contents/image-contents.ts';
import { sha256 } from '../../src/lib/hash.ts';
import type { StageEnd } from '../cli/stage-process.ts';
import { debianVersion } from './puppet-image.ts';

/** What a bake of the sample node redis must have brought back of its image; answers the digest of contents.json. */
export function expectContents(folder: string, image: string): string {
  const text = readFileSync(join(folder, 'contents.json'), 'utf8');
  const digest = sha256(text);
  expect(JSON.parse(readFileSync(join(folder, 'bake.json'), 'utf8'))).toMatchObject({
    contents: digest,
    phases: expect.arrayContaining([{ phase: 'Puppet running', seconds: expect.any(Number) }]),
  });
  const kept = join(folder, 'images', image);
  expect(readdirSync(kept).sort()).toEqual(['bake.json', 'contents.json', 'sbom.cdx.json']);
  expect(readFileSync(join(kept, 'contents.json'), 'utf8')).toBe(text);
  expect(existsSync(join(folder, 'contents.txt'))).toBe(false);
  expect(contentsOf(text, 'contents.json')).toMatchObject({
    ...{ node: 'redis', image, unknown: [] },
    distribution: { id: 'debian', version: debianVersion },
    packages: expect.arrayContaining([expect.objectContaining({ name: 'redis-server' })]),
    services: expect.arrayContaining([{ name: 'redis-server.service', enabled: 'enabled', running: true }]),
    ports: expect.arrayContaining([
      { protocol: 'tcp', address: '0.0.0.0', port: 22, program: 'sshd' },
      expect.objectContaining({ port: 6379, program: 'redis-server' }),
    ]),
    users: expect.arrayContaining([expect.objectContaining({ name: 'redis', home: '/var/lib/redis' })]),
    setuid: expect.arrayContaining([{ path: '/usr/bin/sudo', mode: '4755', owner: 'root', group: 'root' }]),
  });
  return digest;
}

/** Lists what is installed on a server, by dpkg itself. */
export const listPackages =
  "dpkg-query --show --showformat='${db:Status-Status} ${Package} ${Version} ${Architecture}\\n'";

/** The SBOM's packages must be exactly those that {@link listPackages} printed on a server of the image. */
export function expectPackages(sbom: string, listed: string): void {
  const installed = listed.split('\n').flatMap((line) => {
    const [status, ...about] = line.split(' ');
    return status === 'installed' ? [about.join(' ')] : [];
  });
  const { components } = JSON.parse(sbom) as { components: { purl?: string }[] };
  const named = components.flatMap(({ purl }) => {
    if (purl === undefined) return [];
    const { name, version, qualifiers } = PackageURL.fromString(purl);
    return [`${name} ${version ?? ''} ${qualifiers?.arch ?? ''}`];
  });
  expect(installed.length).toBeGreaterThan(100);
  expect(named.sort()).toEqual(installed.sort());
}

/** That verify and contents have compared two images of redis, of which nothing is in service. */
export async function expectComparison(
  reports: string,
  first: string,
  second: string,
  run: (name: string, ...args: string[]) => Promise<StageEnd>,
): Promise<void> {
  expect(readFileSync(join(reports, 'redis/junit.xml'), 'utf8')).toContain(
    `<system-out>contents against ${first} (verified before):`,
  );
  expect(existsSync(join(reports, 'redis/images', second, 'verify.json'))).toBe(true);
  const named = await run('contents', '--diff', first, second, '--reports', reports, '--json');
  expect(named).toMatchObject({ exitCode: 0 });
  const [compared] = (JSON.parse(named.stdout) as { comparisons: { diff: object }[] }).comparisons;
  expect(compared?.diff).toMatchObject({ from: first, to: second, unknown: [] });
}
