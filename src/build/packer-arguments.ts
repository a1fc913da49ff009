import { join, resolve } from 'node:path';
import type { Node } from '../nodes/node.ts';
import type { BakeKey } from './bake-key.ts';
import type { Run } from './bake-node.ts';
import type { BakeRecord } from './bake-record.ts';
import type { ReportsFolder } from './reports-folder.ts';

/** What is known of the account when Packer starts. */
export interface Ready extends Pick<BakeRecord, 'place'> {
  vpc: string;
  /** The source image, for a pack that takes it. */
  source?: string | undefined;
}

/** The file of a node's pack. */
export function packFile(node: Node, run: Run): string {
  return resolve(run.packs, `${node.name}.json`);
}

/** The file that lists what of the environment goes up. */
export function uploadList(folder: ReportsFolder): string {
  return join(folder.work, 'environment.files');
}

/** Each value is an argument of its own: none ever passes through a shell. */
export function packerArguments(
  node: Node,
  run: Run,
  record: BakeRecord,
  { vpc, source }: Ready,
  folder: ReportsFolder,
  key: BakeKey | undefined,
): string[] {
  const variables = {
    region: run.region,
    time: record.imageName.slice(node.name.length + 1),
    run: run.id,
    commit: run.commit,
    // What the images' tags tell later.
    ...run.planned.get(node.name),
    vpc,
    ...(source === undefined ? {} : { source }),
    manifests: resolve(run.manifests),
    environment_files: uploadList(folder),
    reports: folder.path,
    work: folder.work,
    ...(key === undefined ? {} : { keypair: key.name, key_file: key.file }),
    ...(record.certname === undefined ? {} : { certname: record.certname }),
    ...(run.certificateWaitMs === undefined
      ? {}
      : { certificate_wait: String(Math.ceil(run.certificateWaitMs / 1000)) }),
  };
  const flags = Object.entries(variables).flatMap(([name, value]) => ['-var', `${name}=${value}`]);
  return ['build', '-machine-readable', ...flags, packFile(node, run)];
}
