import { ComponentType } from '@cyclonedx/cyclonedx-library/Enums';
import { Bom, Component, Metadata, Property } from '@cyclonedx/cyclonedx-library/Models';
import { JSON as Json, JsonSerializer } from '@cyclonedx/cyclonedx-library/Serialize';
import { Spec1dot6 } from '@cyclonedx/cyclonedx-library/Spec';
import { PackageURL } from 'packageurl-js';
import { sha256 } from '../lib/hash.ts';
import type { ImageContents, InstalledPackage } from './image-contents.ts';

/**
 * The software bill of materials of an image, as CycloneDX 1.6 in JSON: each package with its purl, the distribution, and
 * the image as what all of it is in. Equal contents give equal texts.
 */
export function sbomOf(contents: ImageContents): string {
  const { node, image, run, distribution, kernel, listedAt } = contents;
  const described = new Component(ComponentType.OperatingSystem, node, {
    bomRef: image,
    version: image,
    description: `image ${image} of ${node}, with ${distribution.name}`,
  });
  const properties = { image, run, kernel, distribution: distribution.name };
  for (const [name, value] of Object.entries(properties))
    described.properties.add(new Property(`bakehouse:${name}`, value));
  const bom = new Bom({
    serialNumber: serialNumberOf(contents),
    metadata: new Metadata({ timestamp: new Date(listedAt), component: described }),
  });
  bom.components.add(
    new Component(ComponentType.OperatingSystem, distribution.id, {
      bomRef: 'distribution',
      ...(distribution.version === '' ? {} : { version: distribution.version }),
      description: distribution.name,
    }),
  );
  for (const one of contents.packages) bom.components.add(componentOf(one, distribution));
  const serializer = new JsonSerializer(new Json.Normalize.Factory(Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function componentOf(
  { name, version, architecture, source }: InstalledPackage,
  distribution: ImageContents['distribution'],
): Component {
  const purl = purlOf({ name, version, architecture, source }, distribution);
  const component = new Component(ComponentType.Library, name, { version, purl, bomRef: purl });
  if (source !== undefined)
    component.properties.add(new Property('bakehouse:source', `${source.name} ${source.version}`));
  return component;
}

/** `pkg:deb/debian/openssl@3.0.15-1?arch=amd64&distro=debian-12`, as the purl specification has it for deb. */
function purlOf(
  { name, version, architecture, source }: InstalledPackage,
  { id, version: release }: ImageContents['distribution'],
): string {
  const distro = release === '' ? id : `${id}-${release}`;
  // Scanners look up Debian's security tracker by the source package.
  const upstream = source === undefined ? {} : { upstream: `${source.name}@${source.version}` };
  const qualifiers = { arch: architecture, distro, ...upstream };
  return new PackageURL('deb', id, name, version, qualifiers, undefined).toString();
}

/** A UUID (RFC 9562, version 8) of what the image is. */
function serialNumberOf({ image, listedAt }: ImageContents): string {
  const hash = sha256(`${image} ${listedAt}`);
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`];
  return `urn:uuid:${[...parts, hash.slice(20, 32)].join('-')}`;
}
