/** The names of our tags in EC2: the one place that knows them. */
export const tag = {
  node: 'bakehouse:node',
  run: 'bakehouse:run',
  digest: 'bakehouse:digest',
  commit: 'bakehouse:commit',
  sourceAmi: 'bakehouse:source-ami',
  /** On the servers that verify launches to prove an image, and their key. */
  proof: 'bakehouse:proof',
  /** `true`, from verify only. */
  verified: 'bakehouse:verified',
  /** Why verify did not pass it, from verify only. */
  rejected: 'bakehouse:rejected',
} as const;

/** Tags as EC2's answers carry them, as a plain map. */
export function tagMap(
  tags: { Key?: string | undefined; Value?: string | undefined }[] = [],
): Map<string, string> {
  return new Map(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}
