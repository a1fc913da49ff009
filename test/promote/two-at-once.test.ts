import { expect, test } from '@jest/globals';
import { fc, runs } from '../runs.ts';
import { interleaved } from './interleaved.ts';
import { awsError, cloudError, type MemoryCloud } from './memory-account.ts';
import {
  account,
  currentOf,
  everywhere,
  nodesOf,
  one,
  own,
  regions,
  run,
  stateOf,
  two,
  web,
} from './promotion.ts';

const nodes = nodesOf(web);
const three = 'web-1700000003';

async function prepared() {
  const cloud = account();
  await run(cloud, nodes);
  const ids = [cloud.bake(own, two), cloud.bake(own, three)] as const;
  return { cloud, ids };
}

/** Runs two of them, interleaved; each ends with its failures. */
async function both(
  cloud: MemoryCloud,
  schedule: readonly number[],
  options: readonly [Parameters<typeof run>[2], Parameters<typeof run>[2]],
) {
  const { pause, run: runAll } = interleaved(cloud, schedule);
  const ends = await runAll(options.map((one) => () => run(cloud, nodes, one, { pause })));
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value.flatMap(({ failures }) => failures);
  });
}

const schedules = fc.array(fc.nat(30), { minLength: 5, maxLength: 120 });

test('two promotes of different images at once leave all regions with one of the two', async () => {
  await fc.assert(
    fc.asyncProperty(schedules, async (schedule) => {
      const { cloud, ids } = await prepared();
      const images = await Promise.all(ids.map((id) => cloud.account(own).anyImage(id)));
      const ends = await both(cloud, schedule, [{ image: images[0] }, { image: images[1] }]);
      const [current] = Object.values(currentOf(cloud));
      expect(currentOf(cloud)).toEqual(everywhere(current));
      expect([two, three]).toContain(current);
      // Whoever was refused is told to run again, and then both are done.
      for (const failure of ends.flat()) expect(failure.unavailable).toBe(true);
      expect(ends.filter((failures) => failures.length === 0).length).toBeGreaterThanOrEqual(1);
      for (const { templates } of Object.values(stateOf(cloud)))
        expect(templates).toMatchObject([{ image: current }]);
    }),
    runs(400),
  );
});

test('two promotes of one image at once make one copy of it in each region', async () => {
  await fc.assert(
    fc.asyncProperty(schedules, async (schedule) => {
      const { cloud } = await prepared();
      await both(cloud, schedule, [{}, {}]);
      await run(cloud, nodes);
      expect(currentOf(cloud)).toEqual(everywhere(three));
      for (const region of regions)
        expect([...cloud.region(region).images.values()].filter(({ Name }) => Name === three)).toHaveLength(
          1,
        );
      const names = regions.map((region) => [...cloud.region(region).parameters.keys()]);
      expect(names).toEqual(regions.map(() => ['/images/web']));
    }),
    runs(200),
  );
});

test('a rollback and another at once go back once or twice, in all regions alike', async () => {
  await fc.assert(
    fc.asyncProperty(schedules, async (schedule) => {
      const { cloud, ids } = await prepared();
      for (const id of ids) await run(cloud, nodes, { image: await cloud.account(own).anyImage(id) });
      await both(cloud, schedule, [{ kind: 'rollback' }, { kind: 'rollback' }]);
      const [current] = Object.values(currentOf(cloud));
      expect([one, two]).toContain(current);
      expect(currentOf(cloud)).toEqual(everywhere(current));
    }),
    runs(200),
  );
});

const faults = [
  () => cloudError('throttled', 'RequestLimitExceeded'),
  () => cloudError('denied', 'UnauthorizedOperation'),
  () => cloudError('credentials', 'ExpiredToken'),
  () => awsError('InvalidAMIID.NotFound'),
];

test('whatever fails, no pointer names anything but the image before or the one asked for, and run again all is done', async () => {
  const fault = fc.record({ at: fc.nat(60), length: fc.integer({ min: 1, max: 60 }), kind: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(
      fault,
      fc.constantFrom(...regions),
      fc.boolean(),
      async ({ at, length, kind }, only, isAll) => {
        const cloud = account();
        await run(cloud, nodes);
        cloud.bake(own, two);
        let calls = 0;
        cloud.gate = (region, _call, when) => {
          if (when === 'after' || (!isAll && region !== only)) return;
          calls += 1;
          if (calls > at && calls <= at + length) throw faults[kind]?.() ?? new Error();
        };
        await run(cloud, nodes).catch(() => undefined);
        for (const name of Object.values(currentOf(cloud))) expect([one, two]).toContain(name);
        cloud.gate = () => undefined;
        const [result] = await run(cloud, nodes);
        expect(result?.failures).toEqual([]);
        expect(currentOf(cloud)).toEqual(everywhere(two));
        for (const { images } of Object.values(stateOf(cloud))) expect(images).toHaveLength(2);
      },
    ),
    runs(400),
  );
});
