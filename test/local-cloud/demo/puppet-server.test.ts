import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { puppetServer, type ServerDeps } from '../../../src/local-cloud/demo/puppet-server.ts';
import type { Ssh } from '../../../src/local-cloud/demo/ssh.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bakehouse-demo-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Deps that notes what is asked of it; `ssh` answers the machine's commands. */
function deps(ssh: Ssh = () => Promise.resolve('PEM')) {
  const calls: string[] = [];
  const said: string[] = [];
  const noted = (call: string) => Promise.resolve(void calls.push(call));
  const interrupt = new AbortController();
  const it: ServerDeps = {
    ec2: {
      newestVerified: () => Promise.resolve('ami-1'),
      hasGroup: () => Promise.resolve(true),
      createGroup: (name) => noted(`group ${name}`),
      createKey: () => noted('key').then(() => 'PRIVATE'),
      deleteKey: () => noted('no key'),
      run: ({ image }) => noted(`run ${image}`).then(() => ({ id: 'i-1', address: '10.0.0.9' })),
      consoleOf: () => Promise.resolve('booting\nkernel panic\n'),
      terminate: (id) => noted(`no ${id}`),
    },
    sshTo: () => ssh,
    hostsFile: join(folder, 'hosts'),
    say: (line) => said.push(line),
    signal: interrupt.signal,
  };
  return { it, calls, said, interrupt };
}

describe('the Puppet server of the demonstration', () => {
  test('is launched and named, takes its secret over standard input, and gives its certificate', async () => {
    const given: (string | undefined)[] = [];
    const { it, calls, said } = deps((command, { input } = {}) => {
      if (command.includes('autosign.secret')) given.push(input);
      return Promise.resolve(`what ${command.split(' ').at(-1) ?? ''} holds`);
    });
    const server = await puppetServer(it);
    await server.start();
    expect(calls).toEqual(['key', 'run ami-1']);
    expect(given).toEqual([server.secret]);
    expect(readFileSync(it.hostsFile, 'utf8')).toMatch(/^10\.0\.0\.9 puppet #.*\n$/);
    expect(readFileSync(server.hosts, 'utf8')).toBe(
      readFileSync(it.hostsFile, 'utf8') + readFileSync('/etc/hosts', 'utf8'),
    );
    const modes = ['', 'ca.pem', 'cert.pem', 'key.pem', 'ssh-key'].map(
      (name) => statSync(join(server.caClient, name)).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600, 0o600]);
    expect(readFileSync(join(server.caClient, 'key.pem'), 'utf8')).toContain('private_keys/puppet.pem');
    expect(said.join('\n')).not.toContain(server.secret);

    await server.stop();
    expect(calls.slice(2)).toEqual(['no i-1', 'no key']);
    expect(said).toContain('$ aws ec2 terminate-instances --instance-ids i-1');
    expect([existsSync(it.hostsFile), existsSync(server.caClient)]).toEqual([false, false]);
    await server.stop();
    expect(calls).toHaveLength(4);
  });

  test('that does not serve says so with the end of its console, and is gone after the stop', async () => {
    const { it, calls } = deps(() => Promise.reject(new Error('no connection')));
    const server = await puppetServer(it);
    await expect(server.start()).rejects.toMatchObject({
      exitCode: 4,
      message: 'the Puppet server does not serve: no connection\n  booting\n  kernel panic',
    });
    await server.stop();
    expect(calls.slice(2)).toEqual(['no i-1', 'no key']);
  });

  test('that is interrupted before its launch launches nothing, and takes its key away', async () => {
    const { it, calls, interrupt } = deps();
    interrupt.abort();
    const server = await puppetServer(it);
    await expect(server.start()).rejects.toThrow('aborted');
    await server.stop();
    expect(calls).toEqual(['key', 'no key']);
  });

  test('of which something cannot be removed says what, removes the rest, and keeps the hosts of others', async () => {
    const { it, calls, said } = deps();
    writeFileSync(it.hostsFile, '10.0.0.1 db\n');
    const server = await puppetServer({
      ...it,
      ec2: { ...it.ec2, terminate: () => Promise.reject(new Error('no such cloud')) },
    });
    await server.start();
    await server.stop();
    expect(said).toContain('npm start: the instance i-1 is still there. Remove it by hand: no such cloud');
    expect(calls.at(-1)).toBe('no key');
    expect(readFileSync(it.hostsFile, 'utf8')).toBe('10.0.0.1 db\n');
  });
});
