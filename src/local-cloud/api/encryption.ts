import { createHash } from 'node:crypto';
import type { Account, Snapshot, State } from '../state/model.ts';
import { Fault } from './fault.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^mrk-[0-9a-f]{32}$/;
const alias = /^alias\/[A-Za-z0-9/_-]{1,250}$/;

/**
 * The ARN of the key that a call means by its id, its alias or the ARN of one, as EC2 shows it: of an alias it shows the
 * key. There is no KMS here, so every key of the region exists, and an alias always leads to the same one. Undefined: no
 * such key can be in the region. EC2 finds that out after its answer only.
 */
export function keyArn(account: Account, given: string): string | undefined {
  const [, region, owner, named] = /^arn:aws:kms:([^:]+):(\d{12}):(.+)$/.exec(given) ?? [];
  if (region !== undefined && region !== account.region) return undefined;
  const id = named === undefined ? given : named.replace(/^key\//, '');
  const key = alias.test(id) ? idOf(`${owner ?? account.id} ${account.region} ${id}`) : id;
  return uuid.test(key) ? `arn:aws:kms:${account.region}:${owner ?? account.id}:key/${key}` : undefined;
}

/** AWS's own key of the region, `alias/aws/ebs`: what nobody can share is encrypted with it. */
export function defaultKey(account: Account): string {
  return `arn:aws:kms:${account.region}:${account.id}:key/${idOf(`${account.id} ${account.region} alias/aws/ebs`)}`;
}

function idOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

/** What is encrypted with, to be laid into a record: `before`, else what the region does by default. */
export function encryption(
  { account, encryptsByDefault }: State,
  before: string | undefined,
): { readonly kmsKeyId?: string } {
  const kmsKeyId = before ?? (encryptsByDefault === true ? defaultKey(account) : undefined);
  return kmsKeyId === undefined ? {} : { kmsKeyId };
}

/** The fields by which answers say what a snapshot or volume is encrypted with. */
export function encryptionAnswer({ kmsKeyId }: { readonly kmsKeyId?: string }) {
  return { encrypted: kmsKeyId !== undefined, kmsKeyId };
}

/** Who is to get a permission. */
interface Shared {
  readonly isPublic: boolean;
  readonly users: readonly string[];
}

/** Throws where snapshots cannot be shared as asked for what they are encrypted with; `refuse` makes EC2's Fault. */
export function refuseSharing(
  snapshots: readonly Pick<Snapshot, 'kmsKeyId'>[],
  account: Account,
  asked: Shared,
  refuse: (why: 'default key' | 'public') => Fault,
): void {
  const encrypted = snapshots.filter(({ kmsKeyId }) => kmsKeyId !== undefined);
  if (encrypted.length === 0) return;
  const shared = asked.isPublic || asked.users.length > 0;
  if (shared && encrypted.some(({ kmsKeyId }) => kmsKeyId === defaultKey(account)))
    throw refuse('default key');
  if (asked.isPublic) throw refuse('public');
}
