import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { Node } from '../../nodes/node.ts';
import { gossCases } from './goss.ts';
import type { ImageCase } from './judge-image.ts';
import { parseBuilder } from './machine-facts.ts';
import type { Machine } from './machine.ts';
import { consoleTail, describeServer, launchServers, type ProofPlace } from './proof-servers.ts';
import { type ProofEnd, proveImage, type ProofWorld } from './prove-image.ts';
import { runChecks } from './run-checks.ts';
import { heldKey } from '../../aws/ssh-key.ts';
import { removeServers } from '../../leftovers/verify-servers.ts';
import { runAsRoot, sendAsRoot } from './ssh.ts';

/** What a proof needs to know of the bake. */
interface ProvedBake {
  imageId?: string | undefined;
  run: string;
  sshUser?: string | undefined;
  place?: ProofPlace | undefined;
}

/** What is to be proved of one image, and how. */
export interface ProofOrder {
  node: Node;
  bake: ProvedBake;
  /** What Puppet printed in the bake. */
  console: string;
  /** How long a server may take until ssh answers. */
  bootMs: number;
  /** The folder of nodes.yaml, from which it names a goss file. */
  folder: string;
  /** What else must hold on a server of the image. */
  converge: ((machine: Machine) => Promise<ImageCase[]>) | undefined;
}

const sendMs = 120_000;

/** What proves a node's image over a real account and real ssh. */
export async function proveWith(ec2: EC2Client, say: (line: string) => void, signal: AbortSignal) {
  const script = (name: string) => readFile(new URL(name, import.meta.url), 'utf8');
  const world: Omit<ProofWorld, 'trials' | 'launch'> = {
    now: Date.now,
    pause,
    makeKey: () => heldKey('bakehouse-proof'),
    describe: describeServer.bind(undefined, ec2),
    consoleTail: consoleTail.bind(undefined, ec2),
    remove: removeServers.bind(undefined, ec2),
    machineAt: (login) => ({
      run: (text, args, timeoutMs) => runAsRoot(login, text, args, timeoutMs, signal),
      send: (file, path) => sendAsRoot(login, file, path, sendMs, signal),
    }),
    probe: await script('probe.sh'),
    say: (node, line) => {
      say(`[${node}] ${line}`);
    },
  };
  const checkWorld = { now: Date.now, pause, script: await script('check.sh') };
  return ({ node, bake, console, bootMs, folder, converge }: ProofOrder): Promise<ProofEnd> => {
    const { imageId, run, sshUser = 'admin' } = bake;
    if (imageId === undefined) throw new Error('only an image can be proved');
    const checks = (machine: Machine) =>
      node.goss === undefined
        ? runChecks(node.checks, machine, signal, checkWorld)
        : gossCases(resolve(folder, node.goss), process.env.GOSS_PATH, machine);
    const trials = [checks, ...(converge === undefined ? [] : [converge])];
    const launch = launchServers.bind(undefined, ec2, bake.place);
    const builder = parseBuilder(console);
    return proveImage({ node, imageId, run, sshUser, builder, signal, bootMs }, { ...world, launch, trials });
  };
}
