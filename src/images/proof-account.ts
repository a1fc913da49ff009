import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { Node } from '../nodes/node.ts';
import type { ImageCase } from './judge-image.ts';
import { parseBuilder } from './machine-facts.ts';
import { consoleTail, describeServer, launchServers, removeServers } from './proof-servers.ts';
import { proveImage, type ProofWorld } from './prove-image.ts';
import { makeKey, runAsRoot } from './ssh.ts';

/** The probe itself waits up to two minutes for systemd. */
const probeMs = 180_000;

/** What a proof needs to know of the bake. */
interface ProvedBake {
  imageId?: string | undefined;
  run: string;
  sshUser?: string | undefined;
}

/** What proves a node's image over a real account and real ssh, by its bake and what Puppet printed there. */
export async function proveWith(ec2: EC2Client, say: (line: string) => void, signal: AbortSignal) {
  const script = await readFile(new URL('probe.sh', import.meta.url), 'utf8');
  const world: ProofWorld = {
    now: Date.now,
    pause,
    makeKey: newKey,
    launch: launchServers.bind(undefined, ec2),
    describe: describeServer.bind(undefined, ec2),
    consoleTail: consoleTail.bind(undefined, ec2),
    remove: removeServers.bind(undefined, ec2),
    probe: (login, services) => {
      const names = Buffer.from(services.map((name) => `${name}\n`).join('')).toString('base64');
      return runAsRoot(login, script, [names], probeMs, signal);
    },
    say: (node, line) => {
      say(`[${node}] ${line}`);
    },
  };
  return (
    node: Node | undefined,
    bake: ProvedBake,
    consoleText: string,
    bootMs: number,
  ): Promise<ImageCase[]> => {
    const { imageId, run, sshUser = 'admin' } = bake;
    if (node === undefined || imageId === undefined) throw new Error('only an image of a node can be proved');
    return proveImage(
      { node, imageId, run, sshUser, builder: parseBuilder(consoleText), signal, bootMs },
      world,
    );
  };
}

/** In a folder of its own, which only we may enter. */
async function newKey() {
  const folder = await mkdtemp(join(tmpdir(), 'bakehouse-proof-'));
  const keyFile = join(folder, 'key');
  const publicKey = await makeKey(keyFile);
  return { keyFile, publicKey, forget: () => rm(folder, { recursive: true, force: true }) };
}
