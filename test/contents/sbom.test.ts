import { describe, expect, test } from '@jest/globals';
import { Version } from '@cyclonedx/cyclonedx-library/Spec';
import { JsonStrictValidator } from '@cyclonedx/cyclonedx-library/Validation';
import { PackageURL } from 'packageurl-js';
import type { ImageContents } from '../../src/contents/image-contents.ts';
import { parseContents } from '../../src/contents/parse-contents.ts';
import { sbomOf } from '../../src/contents/sbom.ts';
import { fc, runs } from '../runs.ts';
import { head, listing } from './listing.ts';

const sample = parseContents(listing(), head) as ImageContents;
/** The library's own, by CycloneDX' JSON schema: what is not in it is an error, too. */
const validator = new JsonStrictValidator(Version.v1dot6);
const componentsOf = (sbom: string) =>
  (JSON.parse(sbom) as { components: { name: string; version?: string; purl?: string }[] }).components;

describe('the SBOM of an image', () => {
  test('is CycloneDX 1.6 by its schema, and says which image it is of', async () => {
    const sbom = sbomOf(sample);
    expect(await validator.validate(sbom)).toBeNull();
    expect(JSON.parse(sbom)).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      metadata: {
        timestamp: sample.listedAt,
        component: { type: 'operating-system', name: 'redis', version: 'ami-0a' },
      },
    });
  });

  test('has each package once, with a purl that names distribution, architecture and source', () => {
    const purls = componentsOf(sbomOf(sample)).flatMap(({ purl }) => purl ?? []);
    expect(purls).toEqual([
      'pkg:deb/debian/adduser@3.134?arch=all&distro=debian-12',
      'pkg:deb/debian/libssl3@3.0.15-1?arch=amd64&distro=debian-12&upstream=openssl%403.0.15-1',
      'pkg:deb/debian/libssl3@3.0.15-1?arch=i386&distro=debian-12&upstream=openssl%403.0.15-1',
      'pkg:deb/debian/nginx@1.22.1-9+deb12u1?arch=amd64&distro=debian-12',
    ]);
  });

  test('of a distribution without a version, as Debian sid, names it without one', async () => {
    const sbom = sbomOf({ ...sample, distribution: { id: 'debian', version: '', name: 'Debian sid' } });
    expect(await validator.validate(sbom)).toBeNull();
    expect(sbom).toContain('pkg:deb/debian/adduser@3.134?arch=all&distro=debian"');
  });

  test('is the same text for the same contents, and another serial number for another image', () => {
    const serial = (sbom: string) => (JSON.parse(sbom) as { serialNumber: string }).serialNumber;
    expect(sbomOf(structuredClone(sample))).toBe(sbomOf(sample));
    expect(serial(sbomOf({ ...sample, image: 'ami-0b' }))).not.toBe(serial(sbomOf(sample)));
  });

  test('is valid and lists exactly the packages, whatever their names are', async () => {
    // packageurl-js does not read back a % that it wrote into a qualifier.
    const name = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((text) => text.trim() !== '' && !text.includes('%'));
    const one = fc.record({
      ...{ name, version: name, architecture: name },
      source: fc.option(fc.record({ name, version: name }), { nil: undefined }),
    });
    const packages = fc.uniqueArray(one, {
      maxLength: 8,
      selector: (of) => JSON.stringify([of.name, of.version, of.architecture]),
    });
    await fc.assert(
      fc.asyncProperty(packages, name, async (list, word) => {
        const sbom = sbomOf({ ...sample, packages: list, kernel: word, run: word });
        expect(await validator.validate(sbom)).toBeNull();
        const found = componentsOf(sbom).flatMap(({ purl }) => (purl === undefined ? [] : [purl]));
        expect(found).toHaveLength(list.length);
        for (const purl of found) expect(() => PackageURL.fromString(purl)).not.toThrow();
        const names = componentsOf(sbom).map((component) => component.name);
        for (const listed of list) expect(names).toContain(listed.name);
      }),
      runs(200),
    );
  });
});
