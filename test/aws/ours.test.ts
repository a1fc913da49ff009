import { describe, expect, test } from '@jest/globals';
import {
  bakedMs,
  type ImageOrigin,
  madeWith,
  nodeByName,
  notOursSentence,
  strayTag,
  whyImageIsNotOurs,
  whySnapshotIsNotOurs,
} from '../../src/aws/ours.ts';

/** An image as a bake of web leaves it. */
const baked: ImageOrigin = {
  name: 'web-1767225600',
  node: 'web',
  bearsOurTags: true,
  sourceAmi: 'ami-debian',
  sourceInstanceId: 'i-bake',
  sourceImageId: 'ami-debian',
};
const known = new Map([
  ['ami-web', 'web'],
  ['ami-base', 'base'],
  ['ami-others', ''],
]);

describe('an image', () => {
  test.each<[string, Partial<ImageOrigin>]>([
    ['of a bake', {}],
    ['of a bake, where EC2 does not say how it was made', { sourceInstanceId: undefined, sourceImageId: undefined }],
    ['copied from another region or account under its own name', { sourceInstanceId: undefined, sourceImageId: 'ami-elsewhere' }],
    ["baked upon another node's image", { sourceAmi: 'ami-base', sourceImageId: 'ami-base' }],
    ["baked upon its own node's image", { sourceAmi: 'ami-web', sourceImageId: 'ami-web' }],
    ['that cleanup adopted', { sourceAmi: undefined }],
    ['whose first, unencrypted image Packer has left behind', { sourceInstanceId: undefined, sourceImageId: 'ami-others' }],
    ['that cleanup may adopt', { node: '', bearsOurTags: false, sourceAmi: undefined }],
    ['without our tags and of another name', { node: '', bearsOurTags: false, name: 'golden', sourceAmi: undefined }],
  ])('%s is not called somebody\'s', (_, over) => {
    expect(whyImageIsNotOurs({ ...baked, ...over }, known)).toBeUndefined();
  }); // prettier-ignore

  test.each<[string, Partial<ImageOrigin>, object]>([
    ['a backup with copied tags', { name: 'nightly-backup-1', sourceImageId: 'ami-web' }, { kind: 'name', name: 'nightly-backup-1', node: 'web' }],
    ["one that is named as another node's", { name: 'web-db-1767225600' }, { kind: 'name', name: 'web-db-1767225600', node: 'web' }],
    ['one whose name has no time', { name: 'web-17' }, { kind: 'name', name: 'web-17', node: 'web' }],
    ['a backup of a server that is named like an image', { sourceImageId: 'ami-web' }, { kind: 'of-server', launchedFrom: 'ami-web' }],
    ['the same with the node tag only', { sourceImageId: 'ami-web', sourceAmi: undefined }, { kind: 'of-server', launchedFrom: 'ami-web' }],
    ['the same without tags, for --adopt', { node: '', bearsOurTags: false, sourceImageId: 'ami-web', sourceAmi: undefined }, { kind: 'of-server', launchedFrom: 'ami-web' }],
    ['a copy within the region', { sourceInstanceId: undefined, sourceImageId: 'ami-web' }, { kind: 'copy', of: 'ami-web' }],
    ['one with tags, but none of a node', { node: '' }, { kind: 'no-node' }],
  ])('%s is', (_, over, why) => {
    expect(whyImageIsNotOurs({ ...baked, ...over }, known)).toEqual(why);
  }); // prettier-ignore

  test('tells its node and the time of its bake by its name', () => {
    expect([nodeByName('web-db-1-1767225600'), bakedMs('web-db-1-1767225600')]).toEqual(['web-db-1', 1767225600000]);
    expect(['web', 'web-176722560', '-1767225600', 'web-1767225600-x'].map(nodeByName)).toEqual(Array(4).fill(undefined));
  }); // prettier-ignore
});

describe('a snapshot', () => {
  const images = [
    { id: 'ami-web', notOurs: undefined },
    { id: 'ami-backup', notOurs: { kind: 'no-node' as const } },
  ];

  test.each([
    ['of an image that is gone', 'Created by CreateImage(i-bake) for ami-gone from vol-1'],
    ['of an image that is there', 'Created by CreateImage(i-bake) for ami-web'],
    ['of a copy that is gone', 'Copied for DestinationAmi ami-gone from SourceAmi ami-0 for SourceSnapshot snap-0. Task created on 1,566,308,778,174.'],
  ])('%s is a bake\'s', (_, description) => {
    expect(whySnapshotIsNotOurs({ description, strayTag: undefined }, images)).toBeUndefined();
  }); // prettier-ignore

  test.each([
    ['a backup', 'nightly backup of web', undefined, { kind: 'not-of-image' }],
    ['a snapshot without a description', '', undefined, { kind: 'not-of-image' }],
    ['one with words before those of EC2', 'copy of: Created by CreateImage(i-1) for ami-1', undefined, { kind: 'not-of-image' }],
    ["one with verify's tag", 'Created by CreateImage(i-1) for ami-1', 'bakehouse:verified', { kind: 'stray-tag', tag: 'bakehouse:verified' }],
    ['one of a backup image', 'Created by CreateImage(i-1) for ami-backup', undefined, { kind: 'of-others-image', image: 'ami-backup' }],
  ])('%s is not', (_, description, stray, why) => {
    expect(whySnapshotIsNotOurs({ description, strayTag: stray }, images)).toEqual(why);
  }); // prettier-ignore

  test('bears a stray tag where AWS or verify put one on', () => {
    expect(strayTag(['bakehouse:node', 'Name', 'aws:backup:source-resource'])).toBe('aws:backup:source-resource');
    expect(strayTag(['bakehouse:node', 'bakehouse:rejected'])).toBe('bakehouse:rejected');
    expect(strayTag(['bakehouse:node', 'bakehouse:run', 'bakehouse:digest', 'bakehouse:keep'])).toBeUndefined();
  }); // prettier-ignore

  test('says with which image EC2 made it', () => {
    expect(madeWith('Created by CreateImage(i-0a) for ami-0b from vol-0c')).toEqual({ instanceId: 'i-0a', imageId: 'ami-0b' });
    expect(madeWith('Created by CreateImage(i-0a)')).toEqual({ instanceId: 'i-0a' });
    expect(madeWith('Copied for DestinationAmi ami-0b from SourceAmi ami-0c for SourceSnapshot snap-0d.')).toEqual({ imageId: 'ami-0b' });
  }); // prettier-ignore
});

test('a person reads why', () => {
  const why = [
    { kind: 'no-node' },
    { kind: 'name', name: 'backup-1', node: 'web' },
    { kind: 'of-server', launchedFrom: 'ami-1' },
    { kind: 'copy', of: 'ami-1' },
    { kind: 'not-of-image' },
    { kind: 'stray-tag', tag: 'aws:x' },
    { kind: 'of-others-image', image: 'ami-1' },
  ] as const;
  expect(why.map(notOursSentence)).toEqual([
    'it has tags of an image, but not bakehouse:node',
    'its name backup-1 is not web-UNIXSECONDS',
    'it was made from a server that was launched from ami-1',
    'it is a copy of ami-1, made in this region',
    'it was not made with an image, so it may be a backup',
    'it has the tag aws:x, which no bake puts on a snapshot',
    'it was made with ami-1, which is not ours',
  ]);
});
