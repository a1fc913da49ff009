import { describe, expect, test } from '@jest/globals';
import type { BakeRecord } from '../../src/build/bake-record.ts';
import type { Examined } from '../../src/verify/boot/examine-image.ts';
import { judgeRun } from '../../src/verify/judge-run.ts';
import { verdictXml } from '../../src/verify/verdict-junit.ts';
import type { RunVerdict } from '../../src/verify/verdict.ts';
import type { JudgedBake, VerifyAccount, VerifyDeps } from '../../src/verify/verify-images.ts';
import { untilExamined, verifyImages } from '../../src/verify/verify-images.ts';
import { verifyResult } from '../../src/verify/verify-result.ts';
import { nodeOf } from './boot/servers.ts';
import { baked, evidenceOf, reportText } from './evidence.ts';
import { StageError } from '../../src/lib/errors.ts';

/** The fixtures' reports are of redis.bake. */
const bake = { ...baked, certname: 'redis.bake' };
const good = (node: string) =>
  judgeRun(node, { ...bake, imageId: `ami-${node}` }, evidenceOf(reportText('changed')));
const bad = (node: string) =>
  judgeRun(node, { ...bake, puppetExitCode: 6 }, evidenceOf(reportText('failed')));
const imageless = (node: string) =>
  judgeRun(node, { ...bake, puppetExitCode: 6, imageId: undefined }, evidenceOf(reportText('failed')));

/** What is replaced of the account and of the rest, and how many images are examined at a time. */
interface Over extends Partial<VerifyAccount>, Partial<Pick<VerifyDeps, 'signal'>> {
  write?: VerifyDeps['junit']['write'];
  parallel?: number;
}

const away = () => Promise.reject(new StageError('no AWS region', 4));
const shown = (...problems: string[]) => [{ name: 'boots', problems }];

/** Verifies the images of these verdicts, with servers where `examine` is given; what is done is written down. */
async function verify(verdicts: RunVerdict[], over: Over = {}) {
  const { parallel = 1, write, signal = new AbortController().signal, ...account } = over;
  const done: string[] = [];
  const note = (what: string) => {
    done.push(what);
    return Promise.resolve(undefined);
  };
  const judged = verdicts.map((verdict): JudgedBake => ({
    verdict,
    node: nodeOf(`${verdict.node}: {group: g}`),
    bake: { keptVolumes: ['xvdb'] } as unknown as BakeRecord,
  }));
  const ends = await verifyImages(
    judged,
    { boot: over.examine !== undefined, parallel, secret: [] },
    {
      account: () =>
        Promise.resolve({
          examine: () => Promise.reject(new Error('nobody expected servers')),
          markVerified: (image) => note(`verified ${image}`),
          markRejected: (image, node, reason) => note(`rejected ${image} of ${node}: ${reason}`),
          ...account,
        }),
      junit: {
        write:
          write ?? (({ node, verified }) => note(`write ${node} ${verified ? 'verified' : 'not verified'}`)),
      },
      signal,
    },
  );
  return { done, ends, ...verifyResult(ends) };
}

/** Examinations that are written down, with what each shows. */
function servers(show: (node: string) => Examined['shown'] | Promise<never>) {
  const examined: string[] = [];
  const examine: VerifyAccount['examine'] = async ({ name }) => {
    examined.push(name);
    return { shown: await show(name), leftovers: [] };
  };
  return { examined, examine };
}

/** A good examination whose servers cannot be removed. */
const leaving =
  (leftovers: string[]): VerifyAccount['examine'] =>
  () =>
    Promise.resolve({ shown: shown(), leftovers });

const why =
  /^Puppet failed at Exec\[start redis\]: returns: notrun → \[0\]: .* \(modules\/redis\/manifests\/init\.pp:11\)$/s;

describe('verify', () => {
  test('tags the images that are verified, and rejects the others with the reason', async () => {
    const { done, exitCode, table } = await verify([good('redis'), bad('web'), good('db')]);
    expect(done).toEqual([
      'verified ami-redis',
      expect.stringMatching(/^rejected ami-0a of web: /),
      'verified ami-db',
    ]);
    expect(done[1]?.replace('rejected ami-0a of web: ', '')).toMatch(why);
    expect(exitCode).toBe(3);
    expect(table.rows.map((row) => row.slice(0, 7))).toEqual([
      ['redis', 'verified', 'ami-redis', '3', '8', '0', '0'],
      ['web', 'rejected', 'ami-0a', '1', '8', '1', '1'],
      ['db', 'verified', 'ami-db', '3', '8', '0', '0'],
    ]);
    expect(table.rows[1]?.[7]).toContain('(modules/redis/manifests/init.pp:11)');
  });

  test('ends with 0 when all are verified', async () => {
    expect((await verify([good('redis')])).exitCode).toBe(0);
  });

  test('asks nothing of the cloud for a bake without an image', async () => {
    const asked = () => Promise.reject(new Error('asked'));
    const { exitCode } = await verify([imageless('redis')], { markVerified: asked, markRejected: asked });
    expect(exitCode).toBe(3);
  });

  test('passes on the devices whose volumes the pack lets servers leave behind', async () => {
    const asked: unknown[] = [];
    await verify([good('redis')], { markVerified: (...of) => Promise.resolve(void asked.push(...of)) });
    expect(asked).toEqual(['ami-redis', 'redis', false, ['xvdb']]);
  });

  test('ends with 4 when the cloud is not available, and does not take the verdict back', async () => {
    const { done, exitCode, table, json } = await verify([good('redis'), imageless('web')], {
      markVerified: away,
    });
    expect(done).toEqual([]);
    expect(exitCode).toBe(4);
    expect(table.rows[0]?.[1]).toBe('verified, NOT TAGGED');
    expect(table.rows[0]?.[7]).toBe('no AWS region');
    expect(json.nodes[0]).toMatchObject({ proved: true, tagged: false, unavailable: 'no AWS region' });
  });

  test('ends with 4 when the cloud is not available to reject an image, which a retry does', async () => {
    const { done, exitCode, json } = await verify([bad('redis'), good('web')], { markRejected: away });
    expect(done).toEqual(['verified ami-web']);
    expect(exitCode).toBe(4);
    expect(json.nodes.map(({ tagged }) => tagged)).toEqual([false, true]);
  });

  test('writes the JUnit file again when an image turns out unfit', async () => {
    const markVerified = () => Promise.resolve('the image is gone');
    const { done, exitCode, json } = await verify([good('redis')], { markVerified });
    expect(done).toEqual(['write redis not verified']);
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
    const write: Over['write'] = ({ verified }) => Promise.resolve(void written.push(verified));
    await expect(verify([good('redis')], { examine: bug, write })).rejects.toThrow('x');
    // But Jenkins does not show it as green.
    expect(written).toEqual([false]);
  });
});

describe('verify --boot', () => {
  test('examines only images whose report is good', async () => {
    const { examined, examine } = servers(() => shown());
    const { done, exitCode } = await verify([good('redis'), bad('web'), good('db')], { examine });
    expect(examined).toEqual(['redis', 'db']);
    expect(done.filter((what) => what.startsWith('verified'))).toEqual([
      'verified ami-redis',
      'verified ami-db',
    ]);
    expect(exitCode).toBe(3);
  });

  test('rejects an image that does not hold what its report says, with the reason', async () => {
    const { examine } = servers((node) =>
      shown(...(node === 'redis' ? ['the system is degraded\nmore'] : [])),
    );
    const { done, exitCode, json } = await verify([good('redis'), good('web')], { examine });
    expect(done).toEqual([
      'write redis not verified',
      'rejected ami-redis of redis: the image is not one that boots: the system is degraded',
      'write web verified',
      'verified ami-web',
    ]);
    expect(exitCode).toBe(3);
    expect(json.nodes[0]).toMatchObject({ proved: false, tagged: false, imageCases: [{ name: 'boots' }] });
  });

  test('never takes an examination that showed nothing for a good one', async () => {
    const { done } = await verify([good('redis')], { examine: servers(() => []).examine });
    expect(done.some((what) => what.startsWith('verified'))).toBe(false);
  });

  test('leaves nothing green where the cloud was not available to launch servers', async () => {
    const { examine } = servers((node) => (node === 'redis' ? away() : shown()));
    const { done, exitCode, json } = await verify([good('redis'), good('web')], { examine });
    expect(done).toEqual(['write redis not verified', 'write web verified', 'verified ami-web']);
    expect(exitCode).toBe(4);
    expect(json.nodes[0]).toMatchObject({ proved: false, tagged: false, unavailable: 'no AWS region' });
  });

  test('shows no green file and no failed test until servers were examined', async () => {
    const pending = untilExamined(good('redis'));
    expect(pending).toMatchObject({ node: 'redis', verified: false, problems: [] });
    expect(verdictXml(pending)).toMatch(/<testsuites .*failures="0" errors="1".*<error /s);
    expect(untilExamined(bad('web'))).toEqual(bad('web'));
    const written: RunVerdict[] = [];
    const write = (verdict: RunVerdict) => Promise.resolve(void written.push(verdict));
    await verify([good('redis')], { write, examine: servers(() => shown()).examine });
    expect(written.map(({ verified }) => verified)).toEqual([true]);
    expect(verdictXml(written[0] ?? pending)).toMatch(/<testsuites .*failures="0" errors="0"/);
  });

  test('says what is left running in the result, and ends with 4 for it, whatever the image is', async () => {
    const left = ['i-1 (denied)', 'i-2 (denied)'];
    const { done, exitCode, json, table } = await verify([good('redis'), bad('web')], {
      examine: leaving(left),
    });
    expect(done).toContain('verified ami-redis');
    expect(exitCode).toBe(4);
    expect(json.nodes[0]).toMatchObject({ tagged: true, leftovers: left });
    expect(table.rows[0]?.[7]).toBe('left behind: i-1 (denied), i-2 (denied)');
  });

  test('never judges an image by what the cloud, the account or this computer lacks', async () => {
    const unavailable = 'there is no security group named zookeeper';
    const examine = () => Promise.resolve({ shown: { unavailable }, leftovers: ['i-1 (denied)'] });
    const { done, exitCode, json, table } = await verify([good('redis')], { examine });
    expect(done).toEqual(['write redis not verified']);
    expect(exitCode).toBe(4);
    expect(json.nodes[0]).toMatchObject({
      unavailable,
      tagged: false,
      problems: [],
      leftovers: ['i-1 (denied)'],
    });
    expect(table.rows[0]?.[1]).toBe('UNDECIDED');
    expect(table.rows[0]?.[7]).toBe(`${unavailable}; left behind: i-1 (denied)`);
  });

  test('says what is left running also where the image could not be tagged', async () => {
    const examine = leaving(['i-1 (denied)']);
    const { exitCode, json } = await verify([good('redis')], { examine, markVerified: away });
    expect(exitCode).toBe(4);
    expect(json.nodes[0]).toMatchObject({ unavailable: 'no AWS region', leftovers: ['i-1 (denied)'] });
  });

  test.each([1, 2, 3])('examines no more than %d images at a time, and that many', async (parallel) => {
    let now = 0;
    let most = 0;
    const examine: VerifyAccount['examine'] = async () => {
      now += 1;
      most = Math.max(most, now);
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      now -= 1;
      return { shown: shown(), leftovers: [] };
    };
    const names = ['a', 'b', 'c', 'd', 'e'];
    const { ends } = await verify(names.map(good), { examine, parallel });
    expect(most).toBe(parallel);
    expect(ends.map(({ verdict, tagged }) => [verdict.node, tagged])).toEqual(
      names.map((name) => [name, true]),
    );
  });
});

describe('an abort', () => {
  test('before anything is launched tags nothing and launches nothing', async () => {
    const abort = new AbortController();
    abort.abort();
    const { examined, examine } = servers(() => shown());
    const { done } = await verify([good('redis'), bad('web')], { examine, signal: abort.signal });
    expect(examined).toEqual([]);
    expect(done.filter((what) => !what.startsWith('write'))).toEqual([]);
    // Else Jenkins would show as green what was not examined.
    expect(done.at(-1)).toBe('write redis not verified');
  });

  test.each([['good'], ['bad']])(
    'while a server shows what is %s tags nothing, and begins no other',
    async (what) => {
      const abort = new AbortController();
      const { examined, examine } = servers(() => {
        abort.abort();
        return shown(...(what === 'good' ? [] : ['i-1: interrupted']));
      });
      const { done, ends } = await verify([good('redis'), good('web')], { examine, signal: abort.signal });
      expect(examined).toEqual(['redis']);
      expect(done.filter((one) => !one.startsWith('write'))).toEqual([]);
      expect(ends.map(({ tagged }) => tagged)).toEqual([false, false]);
      // Neither green nor a failed test of the image.
      for (const { verdict } of ends) expect(verdict).toMatchObject({ verified: false, problems: [] });
      for (const { verdict } of ends) expect(verdict.setAside).toContain('interrupted');
    },
  );
});
