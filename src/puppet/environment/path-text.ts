/*
 * Names of files are bytes. Inside, a path is a text of one character per byte (latin1), which no conversion can lose;
 * outside it is text as people and manifests write it.
 */

/** The bytes of an inside path. */
export function bytesOf(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * An inside path as text. In a name that is not UTF-8 each byte that is not ASCII becomes a lone surrogate
 * (U+DC80 to U+DCFF), as Python does: no two names become the same text, and JSON keeps it.
 */
export function textOfPath(path: string): string {
  if (/^[\0-\x7f]*$/.test(path)) return path;
  try {
    return utf8.decode(bytesOf(path));
  } catch {
    return path.replace(/[\x80-\xff]/g, (byte) => String.fromCharCode(0xdc00 + byte.charCodeAt(0)));
  }
}

/** For a message, in which a line break must not look like one of ours. */
export function quoted(text: string): string {
  return /[\0-\x1f\x7f\ud800-\udfff]/.test(text) ? JSON.stringify(text) : text;
}
