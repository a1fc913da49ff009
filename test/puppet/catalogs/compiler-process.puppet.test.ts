import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compileCatalogs } from '../../../src/puppet/catalogs/compile-catalogs.ts';
import { CompilerProcess } from '../../../src/puppet/catalogs/compiler-process.ts';
import {
  compileNodes,
  compilerOptions,
  environmentFolder,
  requestOf,
  removeFolders,
} from './environment-folder.ts';

const ruby = (name: string, body: string, parameters = '') =>
  `Puppet::Functions.create_function(:${name}) do\n  def ${name}${parameters}\n    ${body}\n  end\nend\n`;

let folder: string;

beforeAll(() => {
  folder = environmentFolder({
    'manifests/site.pp': `case $facts['role'] {
      'deadly': { deadly() }
      'once': { notify { once(): } }
      'endless', 'waiting', 'orphan': { waiting($facts['role']) }
      default: { notify { process(): } }
    }`,
    'lib/puppet/functions/deadly.rb': ruby('deadly', 'Process.kill(:KILL, $$)'),
    'lib/puppet/functions/once.rb': ruby(
      'once',
      "mark = File.join(__dir__, 'mark'); return 'again' if File.exist?(mark); File.write(mark, ''); Process.kill(:KILL, $$)",
    ),
    'lib/puppet/functions/waiting.rb': ruby(
      'waiting',
      'File.write(File.join(__dir__, role), $$.to_s); sleep',
      '(role)',
    ),
    'lib/puppet/functions/process.rb': ruby('process', 'Process.ppid.to_s'),
  });
});

afterAll(removeFolders);

/** The process that compiles the catalog of this role, once it does. */
async function pidOf(role: string): Promise<number> {
  const file = join(folder, 'lib/puppet/functions', role);
  for (let waited = 0; waited < 60_000; waited += 50) {
    if (existsSync(file) && readFileSync(file, 'utf8') !== '') return Number(readFileSync(file, 'utf8'));
    await sleep(50);
  }
  throw new Error(`${role} was not compiled`);
}

async function goneWithin(pid: number, limitMs: number): Promise<boolean> {
  for (let waited = 0; waited < limitMs; waited += 50) {
    // A process that has ended but that nobody has asked for yet still has a name.
    if (!existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '))
      return true;
    await sleep(50);
  }
  return false;
}

test('a node that takes too long or whose process dies is its own problem, all others are compiled', async () => {
  const nodes = ['one', 'endless', 'deadly', 'once', 'two'];
  const all = await compileNodes(folder, nodes, { workers: 2, timeLimitMs: 5_000 });
  expect(all.get('endless')).toMatchObject({ problem: { kind: 'time-limit' } });
  expect(all.get('deadly')).toMatchObject({ problem: { kind: 'killed' } });
  expect(all.get('once')).toMatchObject({ catalog: expect.objectContaining({}) });
  expect(JSON.stringify(all.get('once'))).toContain('Notify[again]');
  for (const node of ['one', 'two']) expect(all.get(node)).toHaveProperty('catalog');
});

test('a warm process is kept for the next node, unless it holds too much memory', async () => {
  const pids = async (maxBytes: number) => {
    const all = await compileNodes(folder, ['one', 'two'], { maxBytes });
    return [...all.values()].map((one) => /Notify\[(\d+)\]/.exec(JSON.stringify(one))?.[1]);
  };
  const [one, two] = await pids(2 ** 40);
  expect(one).toBeDefined();
  expect(two).toBe(one);
  const [third, fourth] = await pids(1);
  expect(third).not.toBe(fourth);
});

test('an abort ends all of it', async () => {
  const abort = new AbortController();
  const ended = compileCatalogs([requestOf('waiting')], compilerOptions(folder, { signal: abort.signal }));
  const refused = expect(ended).rejects.toThrow('enough');
  const pid = await pidOf('waiting');
  abort.abort(new Error('enough'));
  await refused;
  expect(await goneWithin(pid, 20_000)).toBe(true);
});

test('no process outlives one of ours that was killed', async () => {
  const script = fileURLToPath(new URL('compile-forever.ts', import.meta.url));
  const parent = spawn(process.execPath, ['--import', 'tsx', script, folder, 'orphan'], { stdio: 'ignore' });
  const pid = await pidOf('orphan');
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  expect(await goneWithin(pid, 20_000)).toBe(true);
});

test.each([
  ['a folder that is not there', '/no/such/environment', 'There is no folder /no/such/environment'],
  [
    'a module folder that is not there',
    () =>
      environmentFolder({
        'environment.conf': '# ours\nmodulepath = modules:r10k-modules\n',
        'modules/m/x': '',
      }),
    /There is no module folder .*r10k-modules.*environment\.conf:2/,
  ],
  [
    'an environment.conf that Puppet cannot read',
    () => environmentFolder({ 'environment.conf': 'modulepath\n' }),
    /environment\.conf/,
  ],
])('%s is wrong input', async (_, manifests, message) => {
  const where = typeof manifests === 'string' ? manifests : manifests();
  const compiling = compileCatalogs([requestOf('one')], compilerOptions(where));
  await expect(compiling).rejects.toThrow(message);
  await expect(compiling).rejects.toMatchObject({ exitCode: 2 });
});

test('a Ruby that does not know Puppet is no tool', async () => {
  const start = { manifests: folder, environment: 'production', sensitiveKey: Buffer.alloc(32) };
  for (const broken of ['/no/such/ruby', '/bin/false']) {
    const starting = CompilerProcess.start({ ...start, ruby: broken, library: '/nowhere' }, new Set());
    await expect(starting).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(/^Puppet cannot be started/),
    });
  }
});
