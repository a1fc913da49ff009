import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { firstAccount } from '../../../src/local-cloud/state/first-account.ts';
import {
  baseLayerName,
  freezeUpper,
  makeVolumeFolder,
  sweepLayers,
  thawUpper,
} from '../../../src/local-cloud/state/layers.ts';
import { pathsOf, type Paths } from '../../../src/local-cloud/state/paths.ts';

let paths: Paths;
beforeEach(() => {
  paths = pathsOf(mkdtempSync('/tmp/layers-'));
  mkdirSync(paths.layers);
  makeVolumeFolder(paths, 'vol-1');
  writeFileSync(join(paths.volumes, 'vol-1/upper/file'), 'content');
});
afterEach(() => {
  rmSync(paths.root, { recursive: true });
});

describe('a layer', () => {
  test('is what a volume has written, moved aside, and the volume goes on empty', () => {
    const layer = freezeUpper(paths, 'vol-1');
    expect(readFileSync(join(paths.layers, layer, 'file'), 'utf8')).toBe('content');
    expect(readdirSync(join(paths.volumes, 'vol-1/upper'))).toEqual([]);
  });

  test('goes back to its volume when it could not be noted', () => {
    thawUpper(paths, 'vol-1', freezeUpper(paths, 'vol-1'));
    expect(readdirSync(paths.layers)).toEqual([]);
    expect(readFileSync(join(paths.volumes, 'vol-1/upper/file'), 'utf8')).toBe('content');
  });

  test('stays as long as a snapshot or a volume stands on it, and a base image always', async () => {
    const base = baseLayerName('abc');
    symlinkSync('/nonexistent', join(paths.layers, base));
    for (const name of ['by-snapshot', 'by-volume', 'by-none']) mkdirSync(join(paths.layers, name));
    const state = firstAccount();
    const snapshot = {
      id: 'snap-1',
      ownerId: '',
      volumeId: '',
      size: 1,
      description: '',
      startedAt: '',
      users: [],
    };
    state.snapshots['snap-1'] = {
      ...snapshot,
      state: 'completed',
      layers: ['by-snapshot', base],
      isPublic: false,
    };
    state.volumes['vol-1'] = {
      id: 'vol-1',
      size: 1,
      type: 'gp3',
      createdAt: '',
      state: 'available',
      layers: ['by-volume'],
    };
    await sweepLayers(paths, [state]);
    expect(readdirSync(paths.layers).sort()).toEqual([base, 'by-snapshot', 'by-volume']);
  });
});
