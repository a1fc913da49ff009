import { describe, expect, test } from '@jest/globals';
import { verifyImages, type VerifyWorld } from '../../../src/verify/boot/verify-images.ts';
import { judgeRun, reject, setAside, withImageCases } from '../../../src/verify/judge-run.ts';
import { verdictXml } from '../../../src/verify/junit.ts';
import type { RunVerdict } from '../../../src/verify/verdict.ts';
import { reasonOf, verifyResult } from '../../../src/verify/verify-result.ts';
import { baked, evidenceOf, reportText } from '../evidence.ts';

/** The fixtures' reports are of redis.bake. */
const bake = { ...baked, certname: 'redis.bake' };
const good = (node: string) =>
  judgeRun(node, { ...bake, imageId: `ami-${node}` }, evidenceOf(reportText('changed')));
const bad = (node: string) =>
  judgeRun(node, { ...bake, puppetExitCode: 6 }, evidenceOf(reportText('failed')));
const imageless = (node: string) =>
  judgeRun(node, { ...bake, puppetExitCode: 6, imageId: undefined }, evidenceOf(reportText('failed')));

interface Name {
  name: string;
}
type World = VerifyWorld<Name, RunVerdict>;
type Boots = NonNullable<World['boot']>;

const away = () => Promise.reject(Object.assign(new Error('no AWS region'), { exitCode: 4 }));
const shown = (...problems: string[]) => [{ name: 'boots', problems }];

async function verify(verdicts: RunVerdict[], over: Partial<World> = {}, parallel = 1) {
  const done: string[] = [];
  const note = (what: string) => {
    done.push(what);
    return Promise.resolve(undefined);
  };
  const ends = await verifyImages<Name, RunVerdict>(
    verdicts.map(({ node }) => ({ name: node })),
    parallel,
    {
      judge: ({ name }) => Promise.resolve(verdicts.find(({ node }) => node === name) ?? bad(name)),
      write: ({ node, proved }) => note(`write ${node} ${proved ? 'proved' : 'not proved'}`),
      markVerified: (image) => note(`verified ${image}`),
      markRejected: (image, node, reason) => note(`rejected ${image} of ${node}: ${reason}`),
      reject,
      setAside,
      reasonOf,
      signal: new AbortController().signal,
      ...over,
    },
  );
  return { done, ends, ...verifyResult(ends) };
}

/** Boots that are written down, with what each shows. */
function boots(show: (node: string) => RunVerdict['imageCases'] | Promise<never>) {
  const booted: string[] = [];
  const boot: Boots = async (verdict, { name }) => {
    booted.push(name);
    return { verdict: withImageCases(verdict, (await show(name)) ?? []), leftovers: [] };
  };
  return { booted, boot };
}

/** A good boot whose servers cannot be removed. */
const leaving =
  (leftovers: string[]): Boots =>
  (verdict) =>
    Promise.resolve({ verdict: withImageCases(verdict, shown()), leftovers });

const why =
  /^Puppet failed at Exec\[start redis\]: returns: notrun → \[0\]: .* \(modules\/redis\/manifests\/init\.pp:11\)$/s;

describe('verify', () => {
  test('writes every verdict, then tags the images that are proved, and rejects the others', async () => {
    const { done, exitCode, table } = await verify([good('redis'), bad('web'), good('db')]);
    expect(done).toEqual([
      'write redis proved',
      'write web not proved',
      'write db proved',
      'verified ami-redis',
      expect.stringMatching(/^rejected ami-0a of web: /),
      'verified ami-db',
    ]);
    expect(done[4]?.replace('rejected ami-0a of web: ', '')).toMatch(why);
    expect(exitCode).toBe(3);
    expect(table.rows.map((row) => row.slice(0, 7))).toEqual([
      ['redis', 'proved', 'ami-redis', '3', '8', '0', '0'],
      ['web', 'NOT PROVED', 'ami-0a', '1', '8', '1', '1'],
      ['db', 'proved', 'ami-db', '3', '8', '0', '0'],
    ]);
    expect(table.rows[1]?.[7]).toContain('(modules/redis/manifests/init.pp:11)');
  });

  test('ends with 0 when all are proved', async () => {
    expect((await verify([good('redis')])).exitCode).toBe(0);
  });

  test('asks nothing of the cloud for a bake without an image', async () => {
    const asked = () => Promise.reject(new Error('asked'));
    const { exitCode } = await verify([imageless('redis')], { markVerified: asked, markRejected: asked });
    expect(exitCode).toBe(3);
  });

  test('ends with 4 when the cloud is not available, with every verdict written', async () => {
    const { done, exitCode, table, json } = await verify([good('redis'), imageless('web')], {
      markVerified: away,
    });
    expect(done).toEqual(['write redis proved', 'write web not proved']);
    expect(exitCode).toBe(4);
    expect(table.rows[0]?.[1]).toBe('proved, NOT TAGGED');
    expect(table.rows[0]?.[7]).toBe('no AWS region');
    expect(json.nodes[0]).toMatchObject({ proved: true, tagged: false, unavailable: 'no AWS region' });
  });

  test('ends with 4 when the cloud is not there to reject an image, which a retry does', async () => {
    const { done, exitCode, json } = await verify([bad('redis'), good('web')], { markRejected: away });
    expect(done).toEqual(['write redis not proved', 'write web proved', 'verified ami-web']);
    expect(exitCode).toBe(4);
    expect(json.nodes.map(({ tagged }) => tagged)).toEqual([false, true]);
  });

  test('writes a verdict anew when its image turns out unfit', async () => {
    const markVerified = () => Promise.resolve('the image is gone');
    const { done, exitCode, json } = await verify([good('redis')], { markVerified });
    expect(done).toEqual(['write redis proved', 'write redis not proved']);
    expect(exitCode).toBe(3);
    expect(json.nodes[0]?.problems).toEqual([{ reason: 'image-unproved', message: 'the image is gone' }]);
  });

  test('says so when an image cannot be rejected', async () => {
    const { json, exitCode } = await verify([bad('redis')], {
      markRejected: () => Promise.resolve('the image is gone'),
    });
    expect(json.nodes[0]?.problems.map(({ message }) => message)).toContain('the image is gone');
    expect(exitCode).toBe(3);
  });

  test('does not hide a bug', async () => {
    const bug = () => Promise.reject(new TypeError('x'));
    await expect(verify([good('redis')], { markVerified: bug })).rejects.toThrow('x');
    await expect(verify([bad('redis')], { markRejected: bug })).rejects.toThrow('x');
    const written: boolean[] = [];
    const write: World['write'] = ({ proved }) => Promise.resolve(void written.push(proved));
    await expect(verify([good('redis')], { boot: bug, write })).rejects.toThrow('x');
    // But Jenkins does not show it as green.
    expect(written).toEqual([false, false]);
  });
});

describe('verify --boot', () => {
  test('has written every verdict before it boots anything, and boots only the good ones', async () => {
    const order: string[] = [];
    const { boot } = boots(() => shown());
    const { done, exitCode } = await verify([good('redis'), bad('web'), good('db')], {
      boot: async (verdict, node) => {
        order.push(`boot ${node.name}`);
        return boot(verdict, node);
      },
      write: ({ node }) => Promise.resolve(void order.push(`write ${node}`)),
    });
    expect(order).toEqual([
      'write redis',
      'write web',
      'write db',
      'boot redis',
      'write redis',
      'boot db',
      'write db',
    ]);
    expect(done.filter((what) => what.startsWith('verified'))).toEqual([
      'verified ami-redis',
      'verified ami-db',
    ]);
    expect(exitCode).toBe(3);
  });

  test('rejects an image that does not hold what its report says, with the reason', async () => {
    const { boot } = boots((node) => shown(...(node === 'redis' ? ['the system is degraded\nmore'] : [])));
    const { done, exitCode, json } = await verify([good('redis'), good('web')], { boot });
    expect(done).toEqual([
      'write redis not proved',
      'write web not proved',
      'write redis not proved',
      'rejected ami-redis of redis: the image is not one that boots: the system is degraded',
      'write web proved',
      'verified ami-web',
    ]);
    expect(exitCode).toBe(3);
    expect(json.nodes[0]).toMatchObject({ proved: false, tagged: false, imageCases: [{ name: 'boots' }] });
  });

  test('never takes a boot that showed nothing for a good one', async () => {
    const { done } = await verify([good('redis')], { boot: boots(() => []).boot });
    expect(done.some((what) => what.startsWith('verified'))).toBe(false);
  });

  test('leaves nothing green where the cloud was not there to boot anything', async () => {
    const { boot } = boots((node) => (node === 'redis' ? away() : shown()));
    const { done, exitCode, json } = await verify([good('redis'), good('web')], { boot });
    expect(done).toEqual([
      'write redis not proved',
      'write web not proved',
      'write redis not proved',
      'write web proved',
      'verified ami-web',
    ]);
    expect(exitCode).toBe(4);
    expect(json.nodes[0]).toMatchObject({ proved: false, tagged: false, unavailable: 'no AWS region' });
  });

  test('writes nothing green before the last case, and no failed test for what was cut off', async () => {
    const written: RunVerdict[] = [];
    const write = (verdict: RunVerdict) => Promise.resolve(void written.push(verdict));
    await verify([good('redis'), bad('web')], { write, boot: boots(() => shown()).boot });
    const [pending, web, proved] = written;
    expect(pending).toMatchObject({ node: 'redis', proved: false, problems: [] });
    expect(await verdictXml(pending ?? good('redis'))).toMatch(/ failures="0" errors="1" .*<error /s);
    expect(web).toMatchObject({ node: 'web', proved: false });
    expect(await verdictXml(proved ?? good('redis'))).toMatch(/ failures="0" errors="0" /);
  });

  test('says what is left running in the result, and ends with 4 for it, whatever the image is', async () => {
    const left = ['i-1 (denied)', 'i-2 (denied)'];
    const { done, exitCode, json, table } = await verify([good('redis'), bad('web')], {
      boot: leaving(left),
    });
    expect(done).toContain('verified ami-redis');
    expect(exitCode).toBe(4);
    expect(json.nodes[0]).toMatchObject({ tagged: true, leftovers: left });
    expect(table.rows[0]?.[7]).toBe('left behind: i-1 (denied), i-2 (denied)');
  });

  test('never judges an image by what the cloud, the account or this computer lacks', async () => {
    const unavailable = 'there is no security group named zookeeper';
    const boot: Boots = (verdict) => Promise.resolve({ verdict, unavailable, leftovers: ['i-1 (denied)'] });
    const { done, exitCode, json, table } = await verify([good('redis')], { boot });
    expect(done).toEqual(['write redis not proved', 'write redis not proved']);
    expect(exitCode).toBe(4);
    expect(json.nodes[0]).toMatchObject({
      unavailable,
      tagged: false,
      problems: [],
      leftovers: ['i-1 (denied)'],
    });
    expect(table.rows[0]?.[7]).toBe(`${unavailable}; left behind: i-1 (denied)`);
  });

  test('says what is left running also where the image could not be tagged', async () => {
    const boot = leaving(['i-1 (denied)']);
    const { exitCode, json } = await verify([good('redis')], { boot, markVerified: away });
    expect(exitCode).toBe(4);
    expect(json.nodes[0]).toMatchObject({ unavailable: 'no AWS region', leftovers: ['i-1 (denied)'] });
  });

  test.each([1, 2, 3])('boots no more than %d at a time, and that many', async (parallel) => {
    let now = 0;
    let most = 0;
    const boot: Boots = async (verdict) => {
      now += 1;
      most = Math.max(most, now);
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      now -= 1;
      return { verdict: withImageCases(verdict, shown()), leftovers: [] };
    };
    const names = ['a', 'b', 'c', 'd', 'e'];
    const { ends } = await verify(names.map(good), { boot }, parallel);
    expect(most).toBe(parallel);
    expect(ends.map(({ verdict, tagged }) => [verdict.node, tagged])).toEqual(
      names.map((name) => [name, true]),
    );
  });
});

describe('an abort', () => {
  test('before anything is booted tags nothing and boots nothing', async () => {
    const abort = new AbortController();
    abort.abort();
    const { booted, boot } = boots(() => shown());
    const { done } = await verify([good('redis'), bad('web')], { boot, signal: abort.signal });
    expect(booted).toEqual([]);
    expect(done.filter((what) => !what.startsWith('write'))).toEqual([]);
    // Or Jenkins would show what is green without a look.
    expect(done.at(-1)).toBe('write redis not proved');
  });

  test.each([['good'], ['bad']])(
    'while a server shows what is %s tags nothing, and begins no other',
    async (what) => {
      const abort = new AbortController();
      const { booted, boot } = boots(() => {
        abort.abort();
        return shown(...(what === 'good' ? [] : ['i-1: interrupted']));
      });
      const { done, ends } = await verify([good('redis'), good('web')], { boot, signal: abort.signal });
      expect(booted).toEqual(['redis']);
      expect(done.filter((one) => !one.startsWith('write'))).toEqual([]);
      expect(ends.map(({ tagged }) => tagged)).toEqual([false, false]);
      // Neither green nor a failed test of the image.
      for (const { verdict } of ends) expect(verdict).toMatchObject({ proved: false, problems: [] });
      for (const { verdict } of ends) expect(verdict.setAside).toContain('interrupted');
    },
  );
});
