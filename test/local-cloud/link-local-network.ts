import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { execa } from 'execa';

const name = 'bh-test-ll';

/** A network of this computer with link-local addresses, and servers on port 8169 of them. */
export interface LinkLocalNetwork {
  /** An address that is not link-local, of the server that `behindHost` is, too. */
  readonly ordinary: string;
  readonly onHost: string;
  /** Of a namespace that this computer forwards to. */
  readonly behindHost: string;
  readonly remove: () => Promise<void>;
}

/** As on an EC2 instance, which finds the credentials of its role at such an address. */
export async function linkLocalNetwork(): Promise<LinkLocalNetwork> {
  const ip = (...args: string[]) => execa('ip', args);
  const inside = ['netns', 'exec', name, 'ip'];
  const serve =
    "require('http').createServer((q, r) => r.end('here')).listen(8169, '0.0.0.0', () => console.log())";
  const servers: ReturnType<typeof spawn>[] = [];
  const remove = async () => {
    for (const server of servers) {
      server.kill('SIGKILL');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    }
    await execa('ip', ['netns', 'delete', name], { reject: false });
    await execa('ip', ['link', 'delete', name], { reject: false });
  };
  await remove();
  try {
    await ip('netns', 'add', name);
    await ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    for (const address of ['169.254.77.1/24', '192.0.2.129/30'])
      await ip('address', 'add', address, 'dev', name);
    await ip('link', 'set', name, 'up');
    for (const address of ['169.254.77.2/24', '192.0.2.130/30'])
      await ip(...inside, 'address', 'add', address, 'dev', 'eth0');
    await ip(...inside, 'link', 'set', 'eth0', 'up');
    for (const prefix of [[], ['ip', 'netns', 'exec', name]]) {
      const args = ['--pdeathsig', 'KILL', ...prefix, process.execPath, '-e', serve];
      const server = spawn('setpriv', args, { stdio: ['ignore', 'pipe', 'inherit'] });
      servers.push(server);
      await once(server.stdout, 'data');
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return { ordinary: '192.0.2.130', onHost: '169.254.77.1', behindHost: '169.254.77.2', remove };
}
