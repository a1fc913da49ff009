import { type Finding, ok, unknown, warning, wrong } from './finding.ts';

/** What was seen of a folder that stages write to. */
export interface FolderFacts {
  path: string;
  /** Why nothing can be written there, as an error's code; undefined when a file could be made. */
  refusal?: string | undefined;
  /** Bytes that this user may still write; undefined when the file system does not tell. */
  freeBytes?: number | undefined;
}

const mebibyte = 1024 ** 2;
/** Node's packages, the manifests' history, and the reports of a dozen nodes. */
const scarceBytes = 1024 * mebibyte;
const tooFewBytes = 256 * mebibyte;

/** Judges a folder by whether something can be written there, and how much. */
export function judgeFolder(check: string, { path, refusal, freeBytes }: FolderFacts): Finding {
  if (refusal !== undefined) {
    return wrong(check, `nothing can be written to ${path} (${refusal})`, `let this user write to ${path}`);
  }
  if (freeBytes === undefined) {
    return unknown(check, `${path} can be written to, but not how much`, `see df ${path}`);
  }
  const found = `${path}, ${size(freeBytes)} free`;
  if (freeBytes < tooFewBytes) return wrong(check, found, `make room: ${size(tooFewBytes)} at least`);
  if (freeBytes < scarceBytes) return warning(check, found, 'make room before it is full');
  return ok(check, found);
}

/** Judges where plan remembers catalogs: without it a plan takes longer only. */
export function judgeCache({ path, refusal }: FolderFacts): Finding {
  if (refusal === undefined) return ok('cache folder', path);
  const found = `nothing can be kept in ${path} (${refusal}): each plan compiles all anew`;
  return warning('cache folder', found, 'let this user write there, or set XDG_CACHE_HOME');
}

/**
 * Judges the key for Sensitive values, which is not shown.
 * @param shortest characters that it must have
 */
export function judgeDigestKey(key: string, shortest: number): Finding {
  const check = 'digest key';
  const advice = 'set BAKEHOUSE_DIGEST_KEY to the same on every agent (openssl rand -hex 32)';
  if (key.length >= shortest) return ok(check, 'BAKEHOUSE_DIGEST_KEY is set');
  if (key !== '') return wrong(check, `BAKEHOUSE_DIGEST_KEY is shorter than ${shortest} characters`, advice);
  const found = 'BAKEHOUSE_DIGEST_KEY is not set: to another agent, nodes with Sensitive values look changed';
  return warning(check, found, advice);
}

function size(bytes: number): string {
  return bytes < 1024 * mebibyte
    ? `${Math.floor(bytes / mebibyte)} MiB`
    : `${(bytes / (1024 * mebibyte)).toFixed(1)} GiB`;
}
