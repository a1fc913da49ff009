import type { FilterTable } from '../api/filters.ts';
import { encryptionAnswer } from '../api/encryption.ts';
import { tagSet } from '../api/tags.ts';
import type { Xml } from '../api/xml.ts';
import type { Snapshot, State } from '../state/model.ts';

const progress = (snapshot: Snapshot) => (snapshot.state === 'completed' ? '100%' : '0%');

/** A snapshot as DescribeSnapshots shows it. */
export function snapshotAnswer(snapshot: Snapshot, tags: State['tags']): Readonly<Record<string, Xml>> {
  return {
    snapshotId: snapshot.id,
    volumeId: snapshot.volumeId,
    status: snapshot.state,
    statusMessage: snapshot.failure,
    startTime: new Date(snapshot.startedAt),
    completionTime: snapshot.state === 'completed' ? new Date(snapshot.startedAt) : undefined,
    progress: progress(snapshot),
    ownerId: snapshot.ownerId,
    volumeSize: snapshot.size,
    description: snapshot.description,
    ...encryptionAnswer(snapshot),
    storageTier: 'standard',
    tagSet: tagSet(tags[snapshot.id]),
  };
}

export const snapshotFilters: FilterTable<Snapshot> = {
  description: ({ description }) => description,
  encrypted: ({ kmsKeyId }) => kmsKeyId !== undefined,
  'owner-id': ({ ownerId }) => ownerId,
  progress,
  'snapshot-id': ({ id }) => id,
  'start-time': ({ startedAt }) => startedAt,
  status: ({ state }) => state,
  'storage-tier': () => 'standard',
  'volume-id': ({ volumeId }) => volumeId,
  'volume-size': ({ size }) => size,
};
