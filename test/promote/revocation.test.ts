import { describe, expect, test } from '@jest/globals';
import { copiedFromText } from '../../src/aws/copies.ts';
import type { Image } from '../../src/aws/images.ts';
import { familyOf, pointersBack, type RegionImages } from '../../src/promote/revocation.ts';
import { imageOfNode, nowMs } from '../aws/fixtures.ts';
import { fc, runs } from '../runs.ts';

const own = 'us-east-1';
const other = 'eu-west-1';

/** A bake of a node that was in service, the higher its number the newer. */
function bake(node: string, number: number, over: Partial<Image> = {}): Image {
  const bakedMs = nowMs - (100 - number) * 60_000;
  const name = `${node}-${Math.floor(bakedMs / 1000)}`;
  return imageOfNode(node, {
    ...{ id: `ami-${node}${number}`, name, bakedMs, verified: true, promotedMs: bakedMs + 1_000 },
    ...over,
  });
}

/** Its copy in another region. */
function copyOf(image: Image, over: Partial<Image> = {}): Image {
  const copiedFrom = copiedFromText({ region: own, id: image.id });
  return {
    ...image,
    id: `${image.id}-copy`,
    copiedFrom,
    sourceImageId: image.id,
    sourceImageRegion: own,
    ...over,
  };
}

const regionsOf = (ofOwn: Image[], ofOther: Image[] = []): RegionImages[] => [
  { region: own, images: ofOwn },
  { region: other, images: ofOther },
];

describe('the family of an image', () => {
  const base = bake('base', 1);
  const web = bake('web', 2, { sourceAmi: base.id });
  const shop = bake('shop', 3, { sourceAmi: web.id });
  const ids = (found: ReturnType<typeof familyOf>) =>
    found.map(({ region, image }) => `${region} ${image.id}`).sort();

  test('is the image, its copies, what was baked from it, and the copies of that', () => {
    const found = familyOf(
      base.id,
      regionsOf([base, web, shop, bake('db', 4)], [copyOf(base), copyOf(shop)]),
    );
    expect(ids(found)).toEqual([
      `${other} ami-base1-copy`,
      `${other} ami-shop3-copy`,
      `${own} ami-base1`,
      `${own} ami-shop3`,
      `${own} ami-web2`,
    ]);
  });

  test('goes on through an image that was baked from a copy in its region', () => {
    const there = bake('web', 5, { sourceAmi: copyOf(base).id });
    expect(ids(familyOf(base.id, regionsOf([base], [copyOf(base), there])))).toContain(
      `${other} ${there.id}`,
    );
  });

  test('has no backup of a server, and no copy that another tool made', () => {
    const backup = bake('web', 6, {
      sourceAmi: base.id,
      notOurs: { kind: 'of-server', launchedFrom: web.id },
    });
    const foreign = copyOf(base, { name: 'nightly-backup' });
    expect(ids(familyOf(base.id, regionsOf([base, backup], [foreign])))).toEqual([`${own} ${base.id}`]);
  });

  test('is empty where the region has no such image of ours', () => {
    expect(familyOf('ami-none', regionsOf([base]))).toEqual([]);
    expect(familyOf('ami-base1-copy', regionsOf([], [copyOf(base)]))).toEqual([]);
  });

  test('is closed: whatever is made of a member is one, and each has a member that it was made of', () => {
    const anyImages = fc.array(fc.record({ parent: fc.nat({ max: 8 }), isCopied: fc.boolean() }), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(anyImages, fc.nat({ max: 8 }), (made, from) => {
        const images = made.map(({ parent }, number) => bake('n', number, { sourceAmi: `ami-n${parent}` }));
        const copies = images
          .filter((_, number) => made[number]?.isCopied === true)
          .map((image) => copyOf(image));
        const found = familyOf(`ami-n${from}`, regionsOf(images, copies));
        const members = new Set(found.map(({ image }) => image.id));
        expect(members.size).toBe(found.length);
        for (const image of images) {
          const isMade = members.has(image.sourceAmi ?? '') || image.id === `ami-n${from}`;
          expect(members.has(image.id)).toBe(isMade);
        }
        for (const copy of copies) expect(members.has(copy.id)).toBe(members.has(copy.sourceImageId ?? ''));
      }),
      runs(300),
    );
  });
});

describe('the pointers of a node whose current image is revoked', () => {
  const [one, two, three] = [bake('web', 1), bake('web', 2), bake('web', 3)];
  const all = [one, two, three];
  const copies = all.map((image) => copyOf(image));
  const revoked = (...images: Image[]) => {
    const set = (some: Image[]) => new Set(some.map(({ id }) => id));
    return new Map([
      [own, set(images)],
      [other, set(images.map((image) => copyOf(image)))],
    ]);
  };
  const decided = (
    current: Record<string, string[]>,
    gone: Image[],
    regions: RegionImages[] = regionsOf(all, copies),
  ) => {
    const back = pointersBack('web', new Map(Object.entries(current)), revoked(...gone), regions);
    if (back?.kind !== 'back') return back?.kind;
    return back.regions.map(({ region, imageId }) => `${region} ${imageId}`);
  };
  const both = { [own]: [three.id], [other]: [`${three.id}-copy`] };

  test('go to the newest earlier bake that was in service', () => {
    expect(decided(both, [three])).toEqual([`${own} ami-web2`, `${other} ami-web2-copy`]);
    expect(decided(both, [three, two])).toEqual([`${own} ami-web1`, `${other} ami-web1-copy`]);
  });

  test('go back also where only one of the two names a revoked image', () => {
    expect(decided({ [own]: [two.id, three.id] }, [three])).toEqual([`${own} ami-web2`]);
  });

  test('stay as they are where they name another image', () => {
    expect(decided({ [own]: [two.id], [other]: [] }, [three])).toBeUndefined();
    expect(decided({ [own]: [two.id], [other]: [`${three.id}-copy`] }, [three])).toEqual([
      `${other} ami-web2-copy`,
    ]);
  });

  test.each<[string, Partial<Image>]>([
    ['was never in service', { promotedMs: undefined }],
    ['is rejected', { rejected: true, verified: false }],
    ['is revoked', { revoked: 'leaks' }],
    ['is not available', { state: 'disabled' }],
    ['is not ours', { notOurs: { kind: 'of-server', launchedFrom: 'ami-0' } }],
    ["is another node's", { node: 'db' }],
  ])('pass an image by that %s', (_, over) => {
    const changed = regionsOf([one, { ...two, ...over }, three], copies);
    expect(decided({ [own]: [three.id] }, [three], changed)).toEqual([`${own} ami-web1`]);
  });

  test('pass an image by that one of the regions does not have', () => {
    const changed = regionsOf(all, [copyOf(one), copyOf(three)]);
    expect(decided(both, [three], changed)).toEqual([`${own} ami-web1`, `${other} ami-web1-copy`]);
  });

  test('never go forward: a newer bake was not in service before', () => {
    expect(decided({ [own]: [one.id] }, [one])).toBe('stays');
  });
});
