import { expect, test } from '@jest/globals';
import { findRelatedImages, type OwnImage } from '../../src/references/related-images.ts';

const image = (id: string, over: Partial<OwnImage> = {}): OwnImage => ({
  id,
  name: `name of ${id}`,
  state: 'available',
  isPublic: false,
  ...over,
});
const made = 'image name of ami-2 (ami-2) made from it';

test.each<[string, Partial<OwnImage>, [string, string, string][]]>([
  ['has no relatives', {}, []],
  ['is tagged with its source', { sourceAmi: 'ami-1' }, [['ami-1', 'child-image', made]]],
  ['names its source', { sourceImageId: 'ami-1' }, [['ami-1', 'child-image', made]]],
  ['does both', { sourceAmi: 'ami-1', sourceImageId: 'ami-1' }, [['ami-1', 'child-image', made]]],
  [
    'does both differently',
    { sourceAmi: 'ami-1', sourceImageId: 'ami-0' },
    [
      ['ami-1', 'child-image', made],
      ['ami-0', 'child-image', made],
    ],
  ],
  ['came from another region', { sourceImageId: 'ami-1', sourceImageRegion: 'us-east-1' }, []],
  [
    'came from this region',
    { sourceImageId: 'ami-1', sourceImageRegion: 'eu-west-1' },
    [['ami-1', 'child-image', made]],
  ],
  ['is disabled', { state: 'disabled', sourceAmi: 'ami-1' }, [['ami-1', 'child-image', made]]],
  ['is deregistered', { state: 'deregistered', sourceAmi: 'ami-1' }, []],
  [
    'is being copied',
    { state: 'pending', sourceImageId: 'ami-1' },
    [['ami-1', 'image-copy', 'image name of ami-2 (ami-2) that is being copied from it']],
  ],
  ['is being baked', { state: 'pending', sourceAmi: 'ami-1' }, [['ami-1', 'child-image', made]]],
  [
    'is a backup with our tags',
    {
      sourceAmi: 'ami-0',
      sourceImageId: 'ami-1',
      bearsOurTags: true,
      notOurs: { kind: 'name', name: 'nightly', node: 'web' },
    },
    [],
  ],
  [
    'is a copy within the region',
    { sourceImageId: 'ami-1', bearsOurTags: true, notOurs: { kind: 'copy', of: 'ami-1' } },
    [['ami-1', 'child-image', made]],
  ],
  [
    "is somebody's own, of a server of ours",
    { sourceImageId: 'ami-1', notOurs: { kind: 'of-server', launchedFrom: 'ami-1' } },
    [['ami-1', 'child-image', made]],
  ],
  ['refers to itself', { sourceAmi: 'ami-2', sourceImageId: 'ami-2' }, []],
  ['is public', { isPublic: true }, [['ami-2', 'launch-permission', 'everyone (public)']]],
])('an image that %s', (_, over, expected) => {
  const found = findRelatedImages([image('ami-1'), image('ami-2', over)], 'eu-west-1');
  expect(found.map(({ id, kind, by }) => [id, kind, by])).toEqual(expected);
});
