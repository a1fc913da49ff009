import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalCloudError } from '../local-cloud-error.ts';
import { replaceFileSync } from '../state/whole-file.ts';
import { withHost, withoutHost } from './hosts-line.ts';
import type { Ec2, Launched } from './launch.ts';
import type { Ssh } from './ssh.ts';
import { serverNode } from './steps.ts';

/** What the server's launch needs from outside. */
export interface ServerDeps {
  ec2: Ec2;
  sshTo: (address: string, keyFile: string, folder: string) => Ssh;
  /** The file with the names that the machines know. */
  hostsFile: string;
  say: (line: string) => void;
  /** Aborted: the start ends early, throwing. */
  signal: AbortSignal;
}

/** The Puppet server of the demonstration. */
export interface PuppetServer {
  /** For build's --ca-client: the server's own certificate and key, once it has started. */
  caClient: string;
  /** This computer's /etc/hosts with the server's name, for the stages. */
  hosts: string;
  /** What the server wants to see in a request that it signs. */
  secret: string;
  /** Launches it and waits until it serves. Throws a LocalCloudError when it does not; `stop` is due all the same. */
  start: () => Promise<void>;
  /** Removes all that the start made, the folder too; what cannot be removed is said. */
  stop: () => Promise<void>;
}

/** The start of the service is bounded by its own unit, at 300 s. */
const startMs = 330_000;
const [size, ports] = ['t3.small', [22, 8140]] as const;
const ssl = '/var/lib/puppet/ssl';
const credentials = {
  'ca.pem': `${ssl}/certs/ca.pem`,
  'cert.pem': `${ssl}/certs/${serverNode}.pem`,
  'key.pem': `${ssl}/private_keys/${serverNode}.pem`,
};
const takeSecret = 'sudo install -o puppet -g puppet -m 600 /dev/stdin /etc/puppet/autosign.secret';

/** A server of the newest image of its node; nothing is there yet but its security group, and a folder that only its owner may enter. */
export async function puppetServer(deps: ServerDeps): Promise<PuppetServer> {
  const { ec2, say, signal } = deps;
  const folder = await mkdtemp(join(tmpdir(), 'bakehouse-puppet-'));
  const hosts = join(folder, 'hosts');
  const secret = randomBytes(24).toString('base64url');
  /** Each with what to say of it, should it fail, and the command that it shows. */
  const undo: { what: string; command?: string; by: () => Promise<void> }[] = [
    { what: `the folder ${folder}`, by: () => rm(folder, { recursive: true, force: true }) },
  ];

  // Before it is baked: build asks whether the groups of its servers are there.
  if (!(await ec2.hasGroup(serverNode))) {
    say(
      `$ aws ec2 create-security-group --group-name ${serverNode} …   # open for ports ${ports.join(' and ')}`,
    );
    await ec2.createGroup(serverNode, ports);
  }

  const launch = async (keyFile: string): Promise<Launched> => {
    const image = await ec2.newestVerified(serverNode);
    if (image === undefined)
      throw new LocalCloudError(`there is no verified image of ${serverNode}: see reports/${serverNode}/`);
    const key = `bakehouse-${serverNode}-${randomBytes(4).toString('hex')}`;
    say(`$ aws ec2 create-key-pair --key-name ${key}`);
    undo.push({
      what: `the key pair ${key}`,
      command: `aws ec2 delete-key-pair --key-name ${key}`,
      by: () => ec2.deleteKey(key),
    });
    await writeFile(keyFile, await ec2.createKey(key), { mode: 0o600 });
    say(
      `$ aws ec2 run-instances --image-id ${image} --instance-type ${size} --security-groups ${serverNode} --key-name ${key}`,
    );
    signal.throwIfAborted();
    const launched = await ec2.run({ image, type: size, group: serverNode, key });
    undo.push({
      what: `the instance ${launched.id}`,
      command: `aws ec2 terminate-instances --instance-ids ${launched.id}`,
      by: () => ec2.terminate(launched.id),
    });
    return launched;
  };

  /** On AWS a record in the VPC's private zone would say it to all. */
  const name = async (address: string) => {
    const { hostsFile } = deps;
    say(`# ${hostsFile} names ${address} ${serverNode}; on AWS the VPC's private zone would`);
    undo.push({
      what: `the line of ${address} in ${hostsFile}`,
      by: () => changeHosts(hostsFile, withoutHost),
    });
    await changeHosts(hostsFile, (text) => withHost(text, address, serverNode));
    const here = await readFile('/etc/hosts', 'utf8').catch(() => '');
    await writeFile(hosts, withHost(here, address, serverNode));
  };

  const serve = async (address: string, ssh: Ssh) => {
    const show = (command: string) => {
      say(`$ ssh admin@${address} ${command}`);
    };
    show(`${takeSecret} <secret`);
    await ssh(takeSecret, { input: secret, signal });
    // Its unit says that it has started only when it serves: this joins the start that the boot began.
    const begun = Date.now();
    show('sudo systemctl start puppetserver');
    await ssh('sudo systemctl start puppetserver', { timeoutMs: startMs, signal });
    say(`# the server made its CA and serves, after ${Math.round((Date.now() - begun) / 1000)} s`);
    for (const [file, path] of Object.entries(credentials)) {
      show(`sudo cat ${path} >${join(folder, file)}`);
      await writeFile(join(folder, file), await ssh(`sudo cat ${path}`, { signal }), { mode: 0o600 });
    }
  };

  return {
    caClient: folder,
    hosts,
    secret,
    start: async () => {
      const keyFile = join(folder, 'ssh-key');
      const { id, address } = await launch(keyFile);
      await name(address);
      const ssh = deps.sshTo(address, keyFile, folder);
      await serve(address, ssh).catch(async (error: unknown) => {
        signal.throwIfAborted();
        throw new LocalCloudError(
          `the Puppet server does not serve: ${(error as Error).message}\n${await tail(id, ssh, ec2)}`,
        );
      });
    },
    stop: async () => {
      for (const { what, command, by } of undo.splice(0).reverse()) {
        if (command !== undefined) say(`$ ${command}`);
        await by().catch((error: unknown) => {
          say(`npm start: ${what} is still there. Remove it by hand: ${(error as Error).message}`);
        });
      }
    },
  };
}

/** What the server said last; where ssh does not answer, what the machine did. */
async function tail(id: string, ssh: Ssh, ec2: Ec2): Promise<string> {
  const said = await ssh('sudo journalctl --unit puppetserver --no-pager --output cat --lines 15')
    .catch(() => ec2.consoleOf(id))
    .catch((error: unknown) => `its console cannot be read: ${(error as Error).message}`);
  return said
    .trimEnd()
    .split('\n')
    .slice(-15)
    .map((line) => `  ${line}`)
    .join('\n');
}

/** Changes a hosts file, which comes to be and goes with its first and last line. */
async function changeHosts(file: string, change: (text: string) => string): Promise<void> {
  const text = change(await readFile(file, 'utf8').catch(() => ''));
  if (text === '') return rm(file, { force: true });
  replaceFileSync(file, text, 0o644);
}
