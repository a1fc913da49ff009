import { describe, expect, test } from '@jest/globals';
import { chooseNetwork } from '../../src/local-cloud/machines/network.ts';
import { makeQueue } from '../../src/local-cloud/machines/queue.ts';
import { isDebian } from '../../src/local-cloud/os-packages.ts';
import { freeAddresses } from '../../src/local-cloud/state/addresses.ts';
import { regions } from '../../src/local-cloud/region.ts';
import { firstAccount, newRegion } from '../../src/local-cloud/state/first-account.ts';
import type { Instance } from '../../src/local-cloud/state/model.ts';

describe('the network of the machines', () => {
  test.each([
    ['10.20.30', [], '10.20.30'],
    ['10.20.30', ['10.20.30.7'], '10.20.31'],
    ['10.20.30', ['10.20.0.0/16'], '10.21.0'],
    ['10.255.255', ['10.255.255.0/24', '10.0.0.1'], '10.0.1'],
    ['10.20.30', ['192.168.0.0/16', '0.0.0.0/32', 'nonsense'], '10.20.30'],
  ])('wanted as %s beside %j is %s', (wanted, taken, chosen) => {
    expect(chooseNetwork(wanted, taken)).toBe(chosen);
  });

  test('is nowhere where the host uses all of 10.0.0.0/8', () => {
    expect(() => chooseNetwork('10.1.1', ['10.0.0.0/8'])).toThrow('no network of 10.0.0.0/8 is free');
  });

  test('gives the address of a terminated instance to the next, and none twice', () => {
    const state = firstAccount();
    state.account.network = '10.1.2';
    state.instances.a = { state: 'running', address: '10.1.2.10' } as Instance;
    state.instances.b = { state: 'terminated', address: '10.1.2.11' } as Instance;
    const free = freeAddresses(state);
    expect([free[0], free.at(-1), free.length]).toEqual(['10.1.2.11', '10.1.2.127', 117]);
  });
});

test('no address is free in two regions, and each of the network is in one', () => {
  const account = { ...firstAccount().account, network: '10.1.2' };
  const free = regions.flatMap((region) => freeAddresses(newRegion(account, region)));
  const all = Array.from({ length: 245 }, (_, number) => `10.1.2.${number + 10}`);
  expect(free).toEqual(all);
});

test('tasks of one instance run one after the other, also after one that failed', async () => {
  const queue = makeQueue();
  const log: string[] = [];
  const task =
    (name: string, ms: number, fails = false) =>
    async () => {
      log.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
    };
  const failed = queue.add('i-1', task('boot', 20, true));
  void queue.add('i-1', task('stop', 1));
  void queue.add('i-2', task('other', 5));
  await expect(failed).rejects.toThrow('boot');
  await queue.idle();
  expect(log).toEqual(['boot begins', 'other begins', 'other ends', 'boot ends', 'stop begins', 'stop ends']);
});

test.each([
  ['ID=debian\nVERSION_ID="12"', true],
  ['ID=ubuntu\nID_LIKE=debian', true],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"', true],
  ['ID="fedora"', false],
  ['NAME=debian', false],
  ['', false],
])('%j is a system of apt: %s', (osRelease, is) => {
  expect(isDebian(osRelease)).toBe(is);
});
