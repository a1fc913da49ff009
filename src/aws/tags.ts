/** The names of our tags in EC2: the one place that knows them. */
export const tag = {
  node: 'bakehouse:node',
  run: 'bakehouse:run',
  /** Of all that decides what the image is: equal digests, equal images. */
  digest: 'bakehouse:digest',
  /** The beginnings of what went into the digest, to say later what differs. It decides nothing. */
  inputs: 'bakehouse:inputs',
  commit: 'bakehouse:commit',
  sourceAmi: 'bakehouse:source-ami',
  /** On the key pair of a bake: the time (ISO 8601) until which that may take. */
  until: 'bakehouse:until',
  /** On the servers that verify launches to check an image, and their key. */
  proof: 'bakehouse:proof',
  /** `true`, from verify only. */
  verified: 'bakehouse:verified',
  /** Why verify rejected it, from verify only. */
  rejected: 'bakehouse:rejected',
  /** On a copy that promote made: what it is a copy of, `us-east-1/ami-0a…`. */
  copiedFrom: 'bakehouse:copied-from',
  /** On an image that promote put into service in its region: when it last did (ISO 8601). */
  promoted: 'bakehouse:promoted',
  /** On such an image: the one that was current before it in its region. */
  previous: 'bakehouse:previous',
  /** Why a person revoked the image, from promote only. */
  revoked: 'bakehouse:revoked',
  /** SHA-256 of the image's contents.json: which file of an archive is the right one. */
  contents: 'bakehouse:contents',
  /** Set by a person, to whatever value: cleanup keeps the image (or snapshot). */
  keep: 'bakehouse:keep',
  /** On an image that cleanup has disabled: the time (ISO 8601) from which it may be deleted. */
  deleteAfter: 'bakehouse:delete-after',
} as const;

/** Tags as EC2's answers carry them, as a plain map. */
export function tagMap(
  tags: { Key?: string | undefined; Value?: string | undefined }[] = [],
): Map<string, string> {
  return new Map(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** The longest value of a tag in EC2. */
const maxTagLength = 256;

/** A text as a tag can hold it: on one line, and cut. */
export function tagText(text: string): string {
  const value = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  // Never half of a surrogate pair.
  const cut = value.slice(0, maxTagLength - 1).replace(/[\ud800-\udbff]$/, '');
  return value.length > maxTagLength ? `${cut}…` : value;
}
