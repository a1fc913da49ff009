import { readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';

const name = 'bh-test-hop';

/** A network behind a machine, as a container on it has one. */
export interface ContainerOnMachine {
  /** The body of an answer with status 200, else its status, or `no answer` after three seconds. */
  readonly fetch: (method: 'GET' | 'PUT', url: string) => Promise<string>;
  readonly remove: () => Promise<void>;
}

/** Makes a network namespace that the machine routes and translates for, one hop further from its cloud. */
export async function containerOn(state: string, id: string): Promise<ContainerOnMachine> {
  const onMachine = (args: string[], input?: string) =>
    execa(
      'nsenter',
      ['--net', `--target=${initOf(state, id)}`, ...args],
      input === undefined ? {} : { input },
    );
  const inside = (args: string[]) => execa('ip', ['netns', 'exec', name, ...args]);
  const remove = async () => {
    await execa('ip', ['netns', 'delete', name], { reject: false });
  };
  await remove();
  try {
    await execa('ip', ['netns', 'add', name]);
    await onMachine(['ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name]);
    await onMachine(['ip', 'address', 'add', '192.0.2.1/24', 'dev', name]);
    await onMachine(['ip', 'link', 'set', name, 'up']);
    await onMachine(['sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward']);
    await onMachine(
      ['nft', '-f', '-'],
      `table ip ${name} { chain out { type nat hook postrouting priority srcnat; oifname host0 masquerade; }; }`,
    );
    await inside(['ip', 'address', 'add', '192.0.2.2/24', 'dev', 'eth0']);
    await inside(['ip', 'link', 'set', 'eth0', 'up']);
    await inside(['ip', 'route', 'add', 'default', 'via', '192.0.2.1']);
  } catch (error) {
    await remove();
    throw error;
  }
  const program = `const [method, url] = process.argv.slice(1);
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
    fetch(url, { method, headers, signal: AbortSignal.timeout(3000) })
      .then(async (answer) => console.log(answer.status === 200 ? await answer.text() : answer.status))
      .catch(() => console.log('no answer'))
      .finally(() => process.exit());`;
  return {
    fetch: async (method, url) => (await inside([process.execPath, '-e', program, method, url])).stdout,
    remove,
  };
}

/** The process of this computer that is the machine's init. */
function initOf(state: string, id: string): string {
  const mark = `BAKEHOUSE_MACHINE=${state}/machines/${id}/`;
  const found = readdirSync('/proc').find((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error(`machine ${id} does not run`);
  return found;
}
