import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { shortHash } from '../../src/local-cloud/state/ids.ts';
import { root, temporaryFolder } from '../cli/stage-process.ts';
import { StageProcess } from './build-process.ts';
import { offerPuppet, withPuppet } from './puppet-image.ts';

/** `npm start` as README's quick start has it, over one node; start-server.e2e has it with a Puppet server. */

const minutes = 60_000;
const state = mkdtempSync(join(tmpdir(), 'bakehouse-cloud-'));
const project = temporaryFolder();
const at = (...names: string[]) => join(project.path, ...names);

beforeAll(async () => {
  await offerPuppet(state);
  for (const name of ['jobs', 'package.json', 'package-lock.json', 'src', 'templates'])
    cpSync(join(root, name), at(name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), at('node_modules'));
  writeFileSync(at('nodes.yaml'), `redis: {group: redis, ${withPuppet}}\n`);
}, 5 * minutes);
afterAll(() => {
  rmSync(state, { recursive: true });
  project.remove();
});

test(
  'npm start bakes a node, finds nothing to do, bakes what one line changes, deletes the older image, and ends its cloud',
  async () => {
    const args = ['--node', 'redis', '--state', state];
    const start = new StageProcess('local-cloud/start', args, {}, project.path);
    const { code } = await start.ended;
    expect([code, start.stderr]).toEqual([0, expect.stringContaining('Done.')]);
    const plans = start.stdout.match(/^\d+ to bake, \d+ unchanged$/gm);
    expect(plans).toEqual(['1 to bake, 0 unchanged', '0 to bake, 1 unchanged', '1 to bake, 0 unchanged']);
    expect(start.stdout.match(/^redis +verified/gm)).toHaveLength(2);
    expect(start.stdout).toContain('1 image and 1 snapshot deleted');
    const { images, instances, keyPairs, volumes } = JSON.parse(
      readFileSync(join(state, 'state.json'), 'utf8'),
    ) as Record<
      'images' | 'instances' | 'keyPairs' | 'volumes',
      Record<string, { name?: string; state?: string }>
    >;
    expect(Object.values(images).filter(({ name }) => name?.startsWith('redis-'))).toHaveLength(1);
    expect(Object.values(instances).filter((one) => one.state !== 'terminated')).toEqual([]);
    expect([keyPairs, volumes]).toEqual([{}, {}]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(state);
    expect(existsSync(`/sys/class/net/bh-${shortHash(state, 8)}`)).toBe(false);
  },
  5 * minutes,
);
