/** A text without what an error or a setting may have brought along: credentials in a URL, whole access key ids. */
export function masked(text: string): string {
  return text
    .replace(/:\/\/[^/@\s]*@/g, '://')
    .replace(/\b((?:A3T[A-Z0-9]|A[A-Z]{2}A)[A-Z0-9]{12,})\b/g, (id) => shortKeyId(id));
}

/** An access key id as far as it helps to find it again: `AKIA…WXYZ`. */
export function shortKeyId(id: string): string {
  return id.length < 12 ? `${id.slice(0, 2)}…` : `${id.slice(0, 4)}…${id.slice(-4)}`;
}
