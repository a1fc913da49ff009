import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import {
  CopyImageCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  type Tag,
} from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { cleanupData } from '../../src/cleanup/cleanup-report.ts';
import { stage, type StageEnd } from '../cli/stage-process.ts';
import { type Cloud, clientSettings, startCloud } from './local-cloud.ts';

/** An image with its one snapshot. */
export interface Made {
  id: string;
  snapshot: string;
}

/** How a cleanup ended; `report` is its cleanup.json. */
export interface CleanupEnd extends StageEnd {
  report: ReturnType<typeof cleanupData> | undefined;
}

/** A call as calls.log has it. */
export interface LoggedCall {
  service: 'ec2' | 'sts' | 'autoscaling' | 'ssm';
  action: string;
  status: number;
}

/** What {@link CleanupCloud.image} makes instead of a node's verified image of a run of its own. */
export interface ImageWish {
  name?: string;
  /** Besides the usual ones. */
  tags?: Record<string, string>;
  /** Neither the image nor its snapshot bears a tag. */
  untagged?: boolean;
}

/** All together for a test: one keeps, whatever is older goes, however young and however many. */
export const keepOne = ['--keep', '1', '--min-age', '0s', '--no-fuse'];

/** A local cloud with what tests of cleanup do again and again. */
export type CleanupCloud = Awaited<ReturnType<typeof startCleanupCloud>>;

/** Starts one over a state of its own. */
export async function startCleanupCloud() {
  const state = mkdtempSync(join(tmpdir(), 'bakehouse-cloud-'));
  const log = join(state, 'calls.log');
  writeFileSync(log, '');
  const cloud: Cloud = await startCloud(state);
  const { ec2 } = cloud;
  const settings = clientSettings(cloud.env);
  const { Images: [debian] = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['136693071363'] }));
  const base = debian?.ImageId ?? '';
  const folder = (kind: string) => mkdtempSync(join(state, `${kind}-`));
  let made = 0;

  /** A bake's image as far as cleanup can see it: without the machine, which would take a minute. */
  const image = async (node: string, { name, tags = {}, untagged }: ImageWish = {}): Promise<Made> => {
    made++;
    const usual = { 'bakehouse:node': node, 'bakehouse:run': `run-${made}` };
    const list = (all: Record<string, string>): Tag[] =>
      Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
    const copy = new CopyImageCommand({
      SourceImageId: base,
      SourceRegion: 'us-east-1',
      Name: name ?? `${node}-${1_700_000_000 + made}`,
      ...(untagged === true
        ? {}
        : {
            TagSpecifications: [
              { ResourceType: 'image', Tags: list({ ...usual, 'bakehouse:verified': 'true', ...tags }) },
              { ResourceType: 'snapshot', Tags: list(usual) },
            ],
          }),
    });
    const { ImageId: id = '' } = await ec2.send(copy);
    // The next one is a newer one: the cloud knows milliseconds.
    await sleep(2);
    const { Images: [found] = [] } = await ec2.send(new DescribeImagesCommand({ ImageIds: [id] }));
    return { id, snapshot: found?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '' };
  };

  return {
    ...cloud,
    autoScaling: new AutoScalingClient(settings),
    ssm: new SSMClient(settings),
    base,
    image,
    /** So many images, at least two, the oldest first. */
    images: async (node: string, number: number): Promise<[Made, Made, ...Made[]]> => {
      const all: [Made, Made, ...Made[]] = [await image(node), await image(node)];
      while (all.length < number) all.push(await image(node));
      return all;
    },
    /** The flags of a cleanup with a nodes file of these nodes, that writes to a folder of its own. */
    flags: (nodes: readonly string[]) => {
      const file = join(folder('nodes'), 'nodes.yaml');
      writeFileSync(file, nodes.map((node) => `${node}: {group: ${node}}\n`).join(''));
      return { file, reports: folder('reports') };
    },
    /** Runs cleanup with a nodes file of these nodes. */
    async cleanup(nodes: readonly string[], args: readonly string[], env = cloud.env): Promise<CleanupEnd> {
      const { file, reports } = this.flags(nodes);
      const end = await stage('cleanup', ['--nodes', file, '--reports', reports, ...args], { env });
      return { ...end, report: readReport(reports) };
    },
    /** Orders faults; without any there are none any more. */
    order: (...faults: object[]) => {
      const file = join(state, 'faults.json');
      if (faults.length === 0) {
        rmSync(file, { force: true });
        return;
      }
      // In one go: the cloud may look at any time. The seed makes chance the same each time.
      writeFileSync(`${file}.new`, JSON.stringify({ seed: 1, faults }));
      renameSync(`${file}.new`, file);
    },
    /** The calls so far, or since {@link forgetCalls}. */
    calls: () => readCalls(log),
    forgetCalls: () => {
      writeFileSync(log, '');
    },
    /** Waits until a call has been answered with this status. */
    async called(action: string, status: number, limitMs = 50_000): Promise<void> {
      const over = Date.now() + limitMs;
      const isThere = () => readCalls(log).some((call) => call.action === action && call.status === status);
      while (!isThere()) {
        if (Date.now() > over) throw new Error(`${action} was not called, or not answered with ${status}`);
        await sleep(20);
      }
    },
    /** All of the account that cleanup could change, as EC2 describes it. */
    account: async () => {
      const { Images = [] } = await ec2.send(
        new DescribeImagesCommand({ Owners: ['self'], IncludeDisabled: true }),
      );
      const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
      return { Images, Snapshots };
    },
    /** The ids of all images and snapshots, in order. */
    async ids(): Promise<string[]> {
      const { Images, Snapshots } = await this.account();
      return [
        ...Images.map(({ ImageId: id = '' }) => id),
        ...Snapshots.map(({ SnapshotId: id = '' }) => id),
      ].sort();
    },
  };
}

/** What cleanup wrote; undefined: nothing. */
export function readReport(reports: string): CleanupEnd['report'] {
  try {
    return JSON.parse(readFileSync(join(reports, 'cleanup.json'), 'utf8')) as CleanupEnd['report'];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function readCalls(log: string): LoggedCall[] {
  const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as LoggedCall);
}

/** Those of the calls that change something. */
export function writesAmong(calls: readonly LoggedCall[]): string[] {
  return calls.map(({ action }) => action).filter((action) => !/^(Describe|Get)/.test(action));
}

/** The ids of these without those of the others. */
export function without(ids: readonly string[], ...gone: readonly Made[]): string[] {
  const all = new Set(gone.flatMap(({ id, snapshot }) => [id, snapshot]));
  return ids.filter((id) => !all.has(id));
}

/** What the report says of an image: its action and reason, and what became of it. */
export function decisionOn({ report }: CleanupEnd, { id }: Made) {
  const found = report?.decisions.find(({ image }) => image.id === id);
  return { action: found?.action, reason: found?.reason, hold: found?.hold, outcome: found?.outcome };
}

/** The line of the table about an image. */
export function rowOf({ stdout }: CleanupEnd, { id }: Made): string {
  const lines = stdout.split('\n');
  const at = lines.findIndex((line) => line.includes(` ${id} `));
  if (at === -1) return `no line has ${id}`;
  const below = lines.slice(at + 1);
  const end = below.findIndex((line) => !line.startsWith('  '));
  // A reason that does not fit stands below its row.
  return [lines[at], ...below.slice(0, end).map((line) => line.trim())].join(' ');
}
