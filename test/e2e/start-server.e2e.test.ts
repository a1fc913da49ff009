import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { shortHash } from '../../src/local-cloud/state/ids.ts';
import { root, temporaryFolder } from '../cli/stage-process.ts';
import { StageProcess } from './build-process.ts';
import { offerPuppet, plainDebian, withPuppet } from './puppet-image.ts';
import { commandLines } from './this-computer.ts';

/** `npm start -- --puppet-server` as a user runs it, with one node to bake against the server, and cut off. */

const minutes = 60_000;
const state = mkdtempSync(join(tmpdir(), 'bakehouse-cloud-'));
/** A project like this one whose files a test may change, and where the packs and reports go. */
const project = temporaryFolder();
const at = (...names: string[]) => join(project.path, ...names);
for (const name of ['jobs', 'package.json', 'package-lock.json', 'src', 'templates'])
  cpSync(join(root, name), at(name), { recursive: true });
symlinkSync(join(root, 'node_modules'), at('node_modules'));
let start: StageProcess;

const change = (file: string, from: string | RegExp, to: string) => {
  writeFileSync(at(file), readFileSync(at(file), 'utf8').replace(from, to));
};

beforeAll(async () => {
  await offerPuppet(state);
  // Of the packages of the server only Debian's mirror has all.
  change('templates/puppet-server/nodes.yaml', /^ {2}group: .*$/gm, `$&\n  ${withPuppet}`);
  change('templates/puppet-server/nodes.yaml', withPuppet, plainDebian);
  // Keys of the default length take as long to make as all the rest of the server's start.
  const conf = 'templates/environment/modules/puppetserver/templates/puppet.conf.epp';
  change(conf, '[server]', 'keylength = 2048\n\n[server]');
}, 5 * minutes);
afterEach(async () => {
  start.child.kill('SIGTERM');
  await start.ended;
});
afterAll(() => {
  rmSync(state, { recursive: true });
  project.remove();
});

const run = () => {
  const args = ['--puppet-server', '--node', 'web', '--state', state];
  start = new StageProcess('local-cloud/start', args, {}, project.path);
  return start;
};

/** What the local cloud remembers; an instance that its end took along is not one that was terminated. */
function remembered() {
  const { instances, keyPairs, volumes } = JSON.parse(readFileSync(join(state, 'state.json'), 'utf8')) as {
    instances: Record<string, { state: string; stateReason?: { code: string } }>;
    keyPairs: object;
    volumes: object;
  };
  const ends = Object.values(instances).map((one) => `${one.state} ${one.stateReason?.code ?? ''}`);
  return { ends: [...new Set(ends)], keyPairs: Object.keys(keyPairs), volumes: Object.keys(volumes) };
}
const clean = { ends: ['terminated Client.UserInitiatedShutdown'], keyPairs: [], volumes: [] };

const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('bakehouse-puppet-'));
const foldersBefore = folders();

/** Whatever the demonstration may have left on this computer. */
function leftHere(): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').includes(state) ? ['a mount'] : [];
  const files = [join(state, 'hosts'), `/sys/class/net/bh-${shortHash(state, 8)}`].filter((file) =>
    existsSync(file),
  );
  return [...mounts, ...files, ...folders().filter((name) => !foldersBefore.includes(name))];
}

/** The secret of the run, out of the environment of a stage. */
function secretOfBuild(): string {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const read = (name: string) => {
      try {
        return readFileSync(`/proc/${pid}/${name}`, 'utf8');
      } catch {
        return '';
      }
    };
    const [, secret] = /(?:^|\0)BAKEHOUSE_AUTOSIGN_SECRET=([^\0]+)/.exec(read('environ')) ?? [];
    if (secret !== undefined && read('environ').includes(`AWS_CONFIG_FILE=${state}/`)) return secret;
  }
  throw new Error('no process has the secret');
}

describe('npm start -- --puppet-server', () => {
  test(
    'bakes a Puppet server, launches it, bakes another node against it, and leaves neither server nor secret',
    async () => {
      const { ended } = run();
      await start.says('--node web --ca-client', 6 * minutes);
      await start.says('[web]');
      const secret = secretOfBuild();
      // Or the look at what is left could not fail.
      expect(leftHere()).toHaveLength(4);
      expect(commandLines()).not.toContain(secret);
      expect([(await ended).code, start.stderr]).toEqual([0, expect.stringContaining('Done.')]);
      expect(start.stdout).toMatch(/^puppet +verified/m);
      expect(start.stdout.match(/^web +verified/gm)).toHaveLength(2);
      const bake = JSON.parse(readFileSync(at('reports/web/bake.json'), 'utf8')) as object;
      expect(bake).toMatchObject({ puppetServer: 'puppet', certificateCleaned: true, leftovers: [] });
      expect(remembered()).toEqual(clean);
      expect(leftHere()).toEqual([]);
      expect(start.stdout + start.stderr).not.toContain(secret);
      const found = await execa('grep', ['-rlF', secret, state, at('packs'), at('reports')], {
        reject: false,
      });
      expect([found.exitCode, found.stdout]).toEqual([1, '']);
    },
    10 * minutes,
  );

  test(
    'that gets a SIGTERM while its server starts ends with 143, and leaves as little',
    async () => {
      // Another image of the first test's: nothing is left to install.
      change(
        'templates/puppet-server/nodes.yaml',
        `puppet\n  ${plainDebian}`,
        'puppet\n  source_ami: {name: "puppet-*", owner: self}',
      );
      const { child, ended } = run();
      await start.says('sudo systemctl start puppetserver', 6 * minutes);
      child.kill('SIGTERM');
      expect(await ended).toEqual({ code: 143, signal: null });
      expect(remembered()).toEqual(clean);
      expect(leftHere()).toEqual([]);
    },
    8 * minutes,
  );
});
