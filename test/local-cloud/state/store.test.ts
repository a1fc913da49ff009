import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { regions } from '../../../src/local-cloud/region.ts';
import { firstAccount, newGroup } from '../../../src/local-cloud/state/first-account.ts';
import { openStores } from '../../../src/local-cloud/state/store.ts';
import type { State } from '../../../src/local-cloud/state/model.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync('/tmp/store-');
  file = join(folder, 'state.json');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const written = () => JSON.parse(readFileSync(file, 'utf8')) as State;
/** Of the first region. */
const openStore = (...how: Parameters<typeof openStores>) => openStores(...how)['us-east-1'];
const unused = () => {
  throw new Error('there is a state already');
};

describe('the store', () => {
  test('begins with a new account, and finds it again', () => {
    const { state } = openStore(file, firstAccount, unused);
    expect(openStore(file, unused, unused).state).toEqual(state);
    expect(Object.values(state.groups).map(({ name }) => name)).toEqual([
      'default',
      'packer',
      'redis',
      'web',
    ]);
  });

  test('has written a change down before it returns', () => {
    const store = openStore(file, firstAccount, unused);
    const group = newGroup('g', 'd');
    expect(store.change(({ groups }) => (groups[group.id] = group).name)).toBe('g');
    expect(written().groups[group.id]).toEqual(group);
  });

  test('keeps each region apart in the one file, with the keys of the account in all', () => {
    const stores = openStores(file, firstAccount, unused);
    stores['eu-west-1'].change(({ tags }) => (tags.x = { a: 'b' }));
    expect(() =>
      stores['us-west-2'].change(({ tags }) => {
        tags.y = {};
        throw new Error('half way');
      }),
    ).toThrow('half way');
    const again = openStores(file, unused, unused);
    for (const region of regions) expect(again[region].state).toEqual(stores[region].state);
    expect(regions.map((region) => again[region].state.tags)).toEqual([{}, { x: { a: 'b' } }, {}]);
    const accounts = regions.map((region) => again[region].state.account);
    expect(new Set(accounts.map(({ keys }) => JSON.stringify(keys))).size).toBe(1);
    expect(new Set(accounts.map(({ subnetId }) => subnetId)).size).toBe(3);
  });

  test('opens a file of before there were other regions, and gives each of them a VPC', () => {
    const { region, ...account } = firstAccount().account;
    writeFileSync(file, JSON.stringify({ ...firstAccount(), account }));
    const stores = openStores(file, unused, unused);
    expect(stores['us-east-1'].state.account).toEqual({ ...account, region });
    expect(stores['eu-west-1'].state.account).toMatchObject({ id: account.id, keys: account.keys });
    expect(stores['eu-west-1'].state.account.vpcId).not.toBe(account.vpcId);
    expect(written()).toMatchObject({ regions: { 'us-west-2': { account: { region: 'us-west-2' } } } });
  });

  test('takes a change back that failed half way', () => {
    const store = openStore(file, firstAccount, unused);
    const before = structuredClone(store.state);
    expect(() =>
      store.change((state) => {
        state.tags.x = { a: 'b' };
        state.parameters = {};
        throw new Error('half way');
      }),
    ).toThrow('half way');
    expect(store.state).toEqual(before);
    expect(written()).toMatchObject({ ...before });
  });

  test('keeps a note that cannot be written, also when a later change fails', () => {
    const warnings: string[] = [];
    const store = openStore(file, firstAccount, (line) => warnings.push(line));
    rmSync(folder, { recursive: true });
    store.note((state) => (state.tags.noted = {}));
    expect(warnings).toHaveLength(1);
    expect(() => store.change((state) => (state.tags.changed = {}))).toThrow('ENOENT');
    expect(Object.keys(store.state.tags)).toEqual(['noted']);
    folder = mkdtempSync('/tmp/store-');
  });

  test('reads a file from before there were launch templates, and begins with none', () => {
    const older = firstAccount();
    for (const record of ['launchTemplates', 'spotRequests', 'spotFleets', 'fleets'])
      Reflect.deleteProperty(older, record);
    writeFileSync(file, JSON.stringify(older));
    const { state } = openStore(file, unused, unused);
    expect(state).toMatchObject({ launchTemplates: {}, spotRequests: {}, spotFleets: {}, fleets: {} });
    expect(state).toMatchObject({ ...older });
  });

  test('opens a file of before there were parameters and groups', () => {
    const first = firstAccount();
    writeFileSync(file, JSON.stringify(first));
    const { state } = openStore(file, unused, unused);
    expect(state).toMatchObject({ ...first });
    expect([state.parameters, state.autoScalingGroups]).toEqual([undefined, undefined]);
  });

  test('does not guess at a file of another version', () => {
    writeFileSync(file, '{"schema":2}');
    expect(() => openStore(file, firstAccount, unused)).toThrow('written by another version');
  });
});
