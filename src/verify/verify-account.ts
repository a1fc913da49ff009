import type { EC2Client } from '@aws-sdk/client-ec2';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectEc2 } from '../aws/connect.ts';
import { type Image, listImages } from '../aws/images.ts';
import { sdk } from '../aws/sdk.ts';
import { tag } from '../aws/tags.ts';
import type { Node } from '../nodes/node.ts';
import { heldKey } from '../aws/ssh-key.ts';
import { puppetInputs } from '../build/bake-record.ts';
import { runChecks } from './boot/checks.ts';
import { type ExamineDeps, examineImage, type Trial } from './boot/examine-image.ts';
import { gossCases } from './boot/goss.ts';
import { imageServers } from './boot/launch-servers.ts';
import type { NoopPuppet } from './boot/noop-puppet.ts';
import { parseBuilder } from './boot/server-facts.ts';
import { sshSession } from './boot/ssh-session.ts';
import { type CopyRegion, markCopies } from './mark-copies.ts';
import { type ImageTags, type Marked, type TagCalls, markRejected, markVerified } from './mark-image.ts';
import { readConsole } from './read-evidence.ts';
import type { VerifyAccount } from './verify-images.ts';

const { CreateTagsCommand, DeleteTagsCommand, DescribeImagesCommand } = sdk('@aws-sdk/client-ec2');

/** The images to which an image of the node can be compared. */
export interface NodeImages {
  /** All that bear the node's tag, in the own region. */
  imagesOf: (node: string) => Promise<Image[]>;
}

export interface AccountOptions {
  reports: string;
  /** Those whose images are judged. */
  nodes: readonly Node[];
  /** The folder of nodes.yaml, from which it names goss files. */
  folder: string;
  /** How long a server may take until ssh answers. */
  bootMs: number;
  /** What runs Puppet on servers; absent without --boot. */
  puppet: NoopPuppet | undefined;
  progress: (line: string) => void;
  /** Aborted: the servers that were launched are terminated. */
  signal: AbortSignal;
}

/**
 * Connects to EC2.
 * @throws CloudError when region or credentials are missing.
 */
export async function connectAccount(options: AccountOptions): Promise<VerifyAccount & NodeImages> {
  const { reports, folder, bootMs, puppet, progress, signal } = options;
  const ec2 = await connectEc2();
  const region = await ec2.config.region();
  const tags: ImageTags = {
    region,
    ...tagCalls(ec2),
    describe: (ids) => ec2.send(new DescribeImagesCommand({ ImageIds: ids })),
  };
  /** What was said of the image holds for its copies, too. */
  const andCopies = async (id: string, node: string, marking: Promise<Marked>) => {
    const { why, mark } = await marking;
    const promote = options.nodes.find(({ name }) => name === node)?.promote;
    const others = Object.keys(promote?.regions ?? {}).filter((other) => other !== region);
    if (mark !== undefined) await markCopies({ id, region, node }, mark, others.map(copyRegion));
    return why;
  };
  const script = (name: string) => readFile(new URL(`boot/${name}`, import.meta.url), 'utf8');
  const clock = { now: Date.now, pause };
  const deps: ExamineDeps = {
    servers: imageServers(ec2),
    ssh: (login) => sshSession(login, signal),
    clock,
    probe: await script('probe.sh'),
    makeKey: () => heldKey('bakehouse-proof'),
    progress: (node, line) => {
      progress(`[${node}] ${line}`);
    },
  };
  const checkDeps = { clock, script: await script('check.sh') };
  return {
    imagesOf: (node) =>
      listImages(
        (query) => ec2.send(new DescribeImagesCommand(query)),
        [{ Name: `tag:${tag.node}`, Values: [node] }],
      ),
    markVerified: (id, node, ...how) => andCopies(id, node, markVerified(tags, id, node, ...how)),
    markRejected: (id, node, reason) => andCopies(id, node, markRejected(tags, id, node, reason)),
    examine: async (node, bake) => {
      const { imageId, run, sshUser = 'admin', place } = bake;
      if (imageId === undefined) throw new Error('only an image has servers');
      const checks: Trial = (session) =>
        node.goss === undefined
          ? runChecks(node.checks, session, signal, checkDeps)
          : gossCases(resolve(folder, node.goss), process.env.GOSS_PATH, session);
      const converge: Trial[] =
        puppet === undefined || !node.converge
          ? []
          : [(session) => puppet.run(puppetInputs(node, bake), session)];
      const builder = parseBuilder(await readConsole(reports, node.name));
      const image = { node, imageId, run, sshUser, place, builder, bootMs, signal };
      return examineImage({ ...image, trials: [checks, ...converge] }, deps);
    },
  };
}

function copyRegion(region: string): CopyRegion {
  return {
    region,
    connect: async () => {
      const ec2 = await connectEc2(region);
      return {
        ...tagCalls(ec2),
        copiesTagged: (copiedFrom) =>
          listImages(
            (query) => ec2.send(new DescribeImagesCommand(query)),
            [{ Name: `tag:${tag.copiedFrom}`, Values: [copiedFrom] }],
          ),
      };
    },
  };
}

function tagCalls(ec2: EC2Client): TagCalls {
  return {
    createTags: (ids, tags) => ec2.send(new CreateTagsCommand({ Resources: ids, Tags: tags })),
    deleteTags: (ids, tags) => ec2.send(new DeleteTagsCommand({ Resources: ids, Tags: tags })),
  };
}
