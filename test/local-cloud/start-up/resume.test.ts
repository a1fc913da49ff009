import { expect, test } from '@jest/globals';
import { offerBase } from '../../../src/local-cloud/start-up/base-in-state.ts';
import { resumeState } from '../../../src/local-cloud/start-up/resume.ts';
import { firstAccount } from '../../../src/local-cloud/state/first-account.ts';
import type { Image, Instance } from '../../../src/local-cloud/state/model.ts';

const now = new Date('2024-01-02T12:00:00Z');

test('a killed server’s instances have ended, its half-made image has failed, and what is an hour old is forgotten', () => {
  const state = firstAccount();
  const instance = (id: string, parts: Partial<Instance>) => {
    state.instances[id] = { id, state: 'running', transitionReason: '', ...parts } as Instance;
    state.tags[id] = { Name: id };
  };
  instance('i-running', {});
  instance('i-fresh', { state: 'terminated', terminatedAt: '2024-01-02T11:30:00Z' });
  instance('i-old', { state: 'terminated', terminatedAt: '2024-01-02T10:30:00Z' });
  const volume = (id: string, deleteOnTermination: boolean) => {
    const attachment = { instanceId: 'i-running', device: '/dev/xvda', attachedAt: '', deleteOnTermination };
    state.volumes[id] = { id, size: 8, type: 'gp3', createdAt: '', state: 'in-use', layers: [], attachment };
  };
  volume('vol-goes', true);
  volume('vol-stays', false);
  state.images['ami-half'] = { state: 'pending' } as Image;

  resumeState(state, now);
  expect(Object.keys(state.instances)).toEqual(['i-running', 'i-fresh']);
  expect(state.instances['i-running']).toMatchObject({
    state: 'terminated',
    stateReason: { code: 'Server.ScheduledStop' },
  });
  expect(Object.keys(state.tags)).toEqual(['i-running', 'i-fresh']);
  expect(Object.values(state.volumes)).toEqual([
    expect.objectContaining({ id: 'vol-stays', state: 'available' }),
  ]);
  expect(state.volumes['vol-stays']).not.toHaveProperty('attachment');
  expect(state.images['ami-half'].state).toBe('failed');
});

test('a base image is offered once, as Debian names its own, and another one beside it when its recipe has changed', () => {
  const state = firstAccount();
  offerBase(state, { release: 'bookworm', hash: '0123456789abcdef' }, now);
  offerBase(state, { release: 'bookworm', hash: '0123456789abcdef' }, new Date('2024-02-02'));
  offerBase(state, { release: 'bookworm', hash: 'fedcba9876543210' }, new Date('2024-03-03'));
  offerBase(state, { release: 'trixie', hash: '0011223344556677' }, new Date('2024-03-03'));
  const images = Object.values(state.images);
  expect(images.map(({ name }) => name)).toEqual([
    expect.stringMatching(/^debian-12-amd64-20240102-\d{4}$/),
    expect.stringMatching(/^debian-12-amd64-20240303-\d{4}$/),
    expect.stringMatching(/^debian-13-amd64-20240303-\d{4}$/),
  ]);
  expect(images.at(-1)).toMatchObject({
    ownerId: '136693071363',
    description: expect.stringMatching(/^Debian 13 \(20240303-\d{4}\)$/),
  });
});
