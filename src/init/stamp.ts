/**
 * The line in a file that a team owns which says where the file came from: `# bakehouse 0.1.0 templates/provision/seal.sh`.
 * Texts here hold a byte in each character (latin1), so that a file of any encoding stays as it is.
 */

/** How a comment begins and ends, by the name of a file; the tags of the template are generate's. */
const comments: readonly [name: RegExp, begin: string, end: string][] = [
  [/\.mustache$/, '<%! ', ' %>'],
  [/\.(groovy|jenkinsfile|m?[jt]s)$|(^|\/)Jenkinsfile$/, '// ', ''],
  [/\.(sh|rb|py|pp|ya?ml)$|(^|\/)Vagrantfile$/, '# ', ''],
];

/** The stamp of a file of the package, without a line break. @throws Error when the file's kind has no comments that are known here */
export function stampLine(path: string, version: string): string {
  const kind = comments.find(([name]) => name.test(path));
  if (kind === undefined) throw new Error(`how is a comment written in ${path}?`);
  return `${kind[1]}bakehouse ${version} ${path}${kind[2]}`;
}

/** The version that a file bears, and where: offsets of its whole line. */
export interface Stamp {
  version: string;
  from: number;
  to: number;
}

/** Reads the stamp of the package's file `path` in a text; undefined: the text bears none. */
export function readStamp(text: string, path: string): Stamp | undefined {
  const line = stampLine(path, '\0').replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace('\0', '(\\S+)'); // prettier-ignore
  const match = new RegExp(`^[ \\t]*${line}[ \\t]*(?:\\r?\\n|$)`, 'm').exec(text);
  if (match === null) return undefined;
  return { version: match[1] ?? '', from: match.index, to: match.index + match[0].length };
}

/** The text without its stamp. */
export function withoutStamp(text: string, path: string): string {
  const stamp = readStamp(text, path);
  return stamp === undefined ? text : text.slice(0, stamp.from) + text.slice(stamp.to);
}

/** What must stay first in a file: a byte order mark, the program that runs it, and a conflict about these. */
const first = /^(?:\u00ef\u00bb\u00bf)?(?:#!.*\r?\n|<{7}[^]*?^>{7}.*\r?\n)?/m;

/** The text, which bears no stamp, with one. */
export function withStamp(text: string, path: string, version: string): string {
  const at = first.exec(text)?.[0].length ?? 0;
  const lineBreak = isCrlf(text) ? '\r\n' : '\n';
  return `${text.slice(0, at)}${stampLine(path, version)}${lineBreak}${text.slice(at)}`;
}

/** Whether every line ends as on Windows. */
export function isCrlf(text: string): boolean {
  return text.includes('\r\n') && !/(^|[^\r])\n/.test(text);
}
