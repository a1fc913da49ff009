import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { parseFacts } from '../../src/verify/boot/server-facts.ts';
import { root } from '../cli/stage-process.ts';
import { part } from '../runs.ts';
import { goes } from './seal-table.ts';
import { faultsOf, makeTrees, seal, seedSaved, timerStarted, type Trees } from './sealed-tree.ts';

/** seal.sh over a real Debian's files, with all that a bake may leave in them; no machine is booted. */

const minutes = 60_000;
const script = readFileSync(join(root, 'templates/provision/seal.sh'), 'utf8');
/** In memory on a machine. Packer fetches it, as a user who is not root. */
const contentsList = '/run/bakehouse-contents.txt';
/** Of Puppet, by Debian's packages and by its own. */
const ofPuppet = [
  ...['/usr/bin/puppet', '/usr/bin/facter', '/etc/puppet', '/var/lib/puppet', '/var/cache/puppet'],
  ...['/etc/puppetlabs', '/opt/puppetlabs'],
];
let trees: Trees;

beforeAll(async () => {
  trees = await makeTrees();
}, 5 * minutes);
afterAll(() => {
  rmSync(trees.folder, { recursive: true, force: true });
});

/** What is wrong with a script, by each situation that it must cope with. */
const situations: Record<string, (text: string) => Promise<string[]>> = {
  'after a bake': async (text) => faultsOf(await seal(trees, trees.dirty, text)),
  'where puppet.sh did not ask Puppet for its folders': async (text) =>
    faultsOf(await seal(trees, trees.unasked, text)),
  'where something cannot be removed': async (text) => {
    const sealed = await seal(trees, trees.dirty, text, { busy: '/var/lib/cloud/data' });
    return sealed.exitCode === 0 ? ['it ended well'] : [];
  },
  'where systemd keeps a random seed': async (text) => {
    const sealed = await seal(trees, trees.saving, text, { more: [seedSaved] });
    return [...faultsOf(sealed), ...(sealed.paths.has(seedSaved) ? [] : ['the seed is saved later'])];
  },
  'where bootstrap.sh has stopped timers': async (text) => {
    const [wanted, disabled] = [timerStarted('wanted.timer'), timerStarted('disabled.timer')];
    const { paths } = await seal(trees, trees.saving, text, { more: [wanted, disabled] });
    return paths.has(wanted) && !paths.has(disabled) ? [] : ['they are not as they were'];
  },
  'where the machine lists its contents': async (text) => {
    const sealed = await seal(trees, trees.listing, text, { more: [contentsList] });
    const list = sealed.paths.get(contentsList);
    return [
      ...faultsOf(sealed),
      ...(list?.content === 'listed\n' && list.mode === '644' ? [] : [`the list is ${JSON.stringify(list)}`]),
    ];
  },
  'where Puppet must go': async (text) => {
    const sealed = await seal(trees, trees.withPuppet, text, { removePuppet: true, more: ofPuppet });
    const left = ofPuppet.filter((path) => sealed.paths.has(path));
    return [
      ...(sealed.exitCode === 0 ? [] : [sealed.output]),
      ...left.map((path) => `${path} is still there`),
    ];
  },
};

describe('seal.sh', () => {
  test.each(Object.keys(situations))('does all that it must %s', async (name) => {
    expect(await situations[name]?.(script)).toEqual([]);
  });

  test('may run twice', async () => {
    expect(faultsOf(await seal(trees, trees.dirty, script, { times: 2 }))).toEqual([]);
  });

  test('has nothing against a machine on which there is nothing to do', async () => {
    expect(await seal(trees, trees.bare, script)).toMatchObject({ exitCode: 0, output: 'seal.sh: sealed\n' });
  });

  test('leaves an empty list for Packer where there is nothing that lists', async () => {
    const { paths } = await seal(trees, trees.bare, script, { more: [contentsList] });
    expect(paths.get(contentsList)).toMatchObject({ kind: 'f', mode: '644', size: 0 });
  });

  test('leaves Puppet alone unless told', async () => {
    const sealed = await seal(trees, trees.withPuppet, script, { more: ofPuppet });
    expect(sealed.exitCode).toBe(0);
    expect(sealed.paths.has('/usr/bin/puppet')).toBe(true);
    expect(sealed.paths.has('/etc/puppet')).toBe(true);
  });
});

test("the probe of a server sees all of that which is Puppet's, the bake's, an access or a history", async () => {
  const probe = readFileSync(join(root, 'src/verify/boot/probe.sh'), 'utf8');
  const { output } = await seal(trees, trees.unasked, probe);
  const facts = parseFacts(output);
  expect(facts).toBeDefined();
  const { ofPuppet = [], ofBake = [], history = [], authorized = [], seeds = [] } = facts ?? {};
  const missing = (expected: RegExp, found: readonly string[]) =>
    goes.filter((path) => expected.test(path) && !found.includes(path));
  expect(missing(/^\/(etc|var|opt)\/.*puppet.*\/|^\/srv\/custom\//, ofPuppet)).toEqual([]);
  expect(ofPuppet).not.toContain('/srv/custom/var/data');
  expect(
    missing(
      /\/authorized_keys/,
      authorized.map(({ file }) => file),
    ),
  ).toEqual([]);
  expect(missing(/_history$|\.lesshst$|\.viminfo$/, history)).toEqual([]);
  expect(missing(/facts\.d\/bakehouse|dpkg\.cfg\.d|apt\.conf\.d/, ofBake)).toEqual([]);
  const asked = parseFacts((await seal(trees, trees.dirty, probe)).output);
  expect(asked?.ofBake).toContain('/var/lib/bakehouse-bake');
  expect(seeds.map((seed) => seed.split(' ')[0])).toEqual(['/var/lib/systemd/credential.secret']);
});

test(
  'no line of seal.sh is there for nothing: without it a situation goes wrong',
  async () => {
    const lines = script.split('\n');
    const code = [...lines.keys()].filter((index) => !/^\s*(#|$)/.test(lines[index] ?? ''));
    expect(code.length).toBeGreaterThan(80);
    const queue = pLimit(2);
    const survivors = await Promise.all(
      part(code).map((index) =>
        queue(async () => ((await survives(lines, index)) ? [`${index + 1}: ${lines[index]}`] : [])),
      ),
    );
    expect(survivors.flat()).toEqual([]);
  },
  10 * minutes,
);

/** Whether nobody would notice that a line is missing. */
async function survives(lines: readonly string[], index: number): Promise<boolean> {
  const mutant = lines.filter((_, other) => other !== index).join('\n');
  for (const situation of Object.values(situations)) {
    if ((await situation(mutant)).length > 0) return false;
  }
  return true;
}
