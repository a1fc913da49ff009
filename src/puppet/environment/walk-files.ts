import { type Dirent, readdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
import type { EnvironmentFiles } from './environment-files.ts';
import { bytesOf, textOfPath } from './path-text.ts';

/** What a walk finds; paths are inside paths (see path-text.ts) as seen from the folder. */
export interface Found {
  /** Ordinary files at their own place. */
  files: string[];
  /** Folders that were walked, but for the folder itself. */
  folders: string[];
  /** Files behind a link, or in a folder behind one: whatever git knows of such a path, it is not this file. */
  linked: string[];
  /** Links that lead nowhere or into a folder that they lie in, with their text. */
  dead: { path: string; text: Buffer }[];
  /** What cannot be walked, with the rest of a sentence. */
  problems: { path: string; why: string }[];
}

/** Version control's own. */
const leftOut = new Set(['.git', '.svn', '.hg']);
/** Links can lead into each other so that there is no end of paths. */
const mostFiles = 1_000_000;

/** Finds all files below a folder that belong (all, unless something says which), links followed. */
export function walkFiles(folder: string, only?: EnvironmentFiles): Found {
  const found: Found = { files: [], folders: [], linked: [], dead: [], problems: [] };
  const belongs = (path: string) => only === undefined || only.has(textOfPath(path));
  const leadsTo = (path: string) => only === undefined || only.leadsTo(textOfPath(path));
  const root = Buffer.from(folder).toString('latin1');
  const at = (path: string) => bytesOf(path === '' ? root : `${root}/${path}`);

  const walk = (path: string, behindLink: boolean, outer: readonly string[]): void => {
    let entries: Dirent[];
    let above: readonly string[];
    try {
      above = [...outer, identityOf(statSync(at(path)))];
      entries = readdirSync(at(path), { withFileTypes: true, encoding: 'latin1' });
    } catch (error) {
      found.problems.push({ path, why: `the folder cannot be read (${codeOf(error)})` });
      return;
    }
    if (path !== '') found.folders.push(path);
    for (const entry of entries) {
      if (leftOut.has(entry.name)) continue;
      if (found.files.length + found.linked.length > mostFiles) return;
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      // Neither what lies where nothing belongs nor that it cannot be read is of any concern.
      if (!belongs(inner) && (entry.isFile() || !leadsTo(inner))) continue;
      if (entry.isSymbolicLink()) follow(inner, above);
      else if (entry.isFile()) (behindLink ? found.linked : found.files).push(inner);
      else if (entry.isDirectory()) walk(inner, behindLink, above);
      else
        found.problems.push({
          path: inner,
          why: 'it is neither a file nor a folder (a pipe, a socket or a device)',
        });
    }
  };

  const follow = (path: string, above: readonly string[]): void => {
    let identity: string;
    let kind: 'folder' | 'file' | 'other';
    try {
      const stat = statSync(at(path));
      kind = stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : 'other';
      identity = identityOf(stat);
    } catch (error) {
      const code = codeOf(error);
      if (['ENOENT', 'ELOOP', 'ENOTDIR'].includes(code)) dead(path);
      else found.problems.push({ path, why: `the link cannot be followed (${code})` });
      return;
    }
    if (kind === 'file') {
      if (belongs(path)) found.linked.push(path);
    } else if (kind === 'other')
      found.problems.push({ path, why: 'it leads to a pipe, a socket or a device' });
    else if (above.includes(identity)) dead(path);
    else walk(path, true, above);
  };

  const dead = (path: string): void => {
    found.dead.push({ path, text: readlinkSync(at(path), { encoding: 'buffer' }) });
  };

  walk('', false, []);
  if (found.files.length + found.linked.length > mostFiles)
    found.problems.push({
      path: '',
      why: `there are more than ${mostFiles} files: look for links that lead in circles`,
    });
  return found;
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
